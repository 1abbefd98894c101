import { type AuditOptions, type LogEvent, writeLog } from '../audit/write.js';
import type { Connection } from '../db/connect/connection.js';
import type { Value } from '../db/dialect/dialect.js';
import { repeatableTransaction } from '../db/transactions/transaction.js';
import { uuidDigits } from '../db/values/values.js';
import { CommandError } from '../errors.js';
import { findField } from '../registry/define.js';
import { findSessionUsers, type NamedUser, namedUser, type SessionUser, userIdText } from '../sessions/store/users.js';
import { knownNames } from '../text.js';
import { type Credential, credentialOf, kindsOf } from './credentials.js';
import type { CredentialApp, CredentialGroup, CredentialKind } from './define.js';
import { bindApps, type EndedCredentials, endKind } from './end.js';
import { type FoundApp, type FoundApps, findApps, mayHold, type UnknownVersion } from './find.js';
import { type RowFilter, readKind } from './rows.js';

/** Which tokens are meant: those for which all that is given holds. */
export interface TokenFilter {
  /** Keys of users. */
  readonly users?: readonly Value[] | undefined;
  /** None of them where the list is empty: `jwt`, `authtoken`, `knox`, `api_key`, `oauth2_access`, … */
  readonly kinds?: readonly string[] | undefined;
  /** The `jti` of a JSON Web Token. */
  readonly jti?: string | undefined;
  /** Apps of the project's own. */
  readonly apps?: readonly CredentialApp[] | undefined;
}

/** A token, with whose it is. */
export interface ListedToken extends Credential {
  /** Null where it is nobody's. */
  readonly user: NamedUser | null;
}

const tokens: ReadonlySet<CredentialGroup> = new Set(['token']);

/** Apps of unknown versions that may have such tokens: those are neither listed nor ended. */
export async function unknownTokens(
  connection: Connection,
  { kinds, apps }: TokenFilter = {},
): Promise<UnknownVersion[]> {
  const { unknown } = await findApps(connection, apps);
  return mayHold(unknown, { groups: tokens, kinds });
}

/** The kinds that are meant. @throws CommandError of code `unknown_kind` for one that this database does not have. */
function chosenKinds(found: FoundApps, { users, kinds, jti }: TokenFilter) {
  const all = kindsOf(found.apps, tokens);
  const names = [...new Set(all.map(({ kind }) => kind.kind))];
  const unknown = kinds?.find((kind) => !names.includes(kind));
  const [app] = unknown === undefined ? [] : mayHold(found.unknown, { groups: tokens, kinds: [unknown] });
  if (app !== undefined) {
    throw new CommandError(`The tokens of the kind '${unknown}' cannot be read. ${app.reason}`, {
      code: 'unknown_version',
    });
  }
  if (unknown !== undefined) {
    throw new CommandError(`This database has no tokens of the kind '${unknown}'.`, {
      code: 'unknown_kind',
      hint: knownNames(unknown, names, { say: 'It has' }) ?? 'It has none at all.',
    });
  }
  return all.filter(
    ({ app, kind }) =>
      (kinds === undefined || kinds.includes(kind.kind)) &&
      (users === undefined || kind.user !== undefined) &&
      (jti === undefined || mayBeNamed(app, kind, jti)),
  );
}

/** Whether tokens of this kind may have that `jti`: in some tables it is a UUID. */
function mayBeNamed({ tables }: FoundApp, { model, fields }: CredentialKind, jti: string): boolean {
  const type = fields.includes('jti') ? findField(tables.model(model), 'jti')?.type : undefined;
  return type === 'UUIDField' ? uuidDigits(jti) !== undefined : type !== undefined;
}

const rowsOf = ({ users, jti }: TokenFilter): RowFilter => ({
  users,
  ...(jti === undefined ? {} : { where: { jti } }),
});

/** The tokens that are meant, kind by kind and page by page. Nothing of them is a secret. */
export async function* listTokens(
  connection: Connection,
  filter: TokenFilter = {},
  { now = new Date(), live = false }: { readonly now?: Date; readonly live?: boolean } = {},
): AsyncGenerator<readonly ListedToken[]> {
  const found = await findApps(connection, filter.apps);
  for (const { app, kind } of chosenKinds(found, filter)) {
    for await (const page of readKind(app.tables, kind, rowsOf(filter))) {
      const ids = page.flatMap(({ user }) => (user === null ? [] : [userIdText(user)]));
      const users = await findSessionUsers(found.connection, new Set(ids));
      const tokens = page.map((row): ListedToken => {
        const id = row.user === null ? undefined : userIdText(row.user);
        const user = id === undefined ? undefined : users.get(id);
        const active = id === undefined || user?.active === true;
        return {
          ...credentialOf(app, kind, row, { now, active }),
          user: id === undefined ? null : namedUser(id, user),
        };
      });
      const shown = live ? tokens.filter((token) => token.live) : tokens;
      if (shown.length > 0) yield shown;
    }
  }
}

/** How many of the tokens that are meant {@link revokeTokens} would end: all that are there, of JSON Web Tokens those in force. */
export async function countTokens(
  connection: Connection,
  filter: TokenFilter,
  { now = new Date() }: { readonly now?: Date } = {},
): Promise<EndedCredentials[]> {
  const found = await findApps(connection, filter.apps);
  const counts: EndedCredentials[] = [];
  for (const { app, kind } of chosenKinds(found, filter)) {
    let count = 0;
    for await (const page of endedRows(app, kind, filter, now)) count += page.length;
    if (count > 0) counts.push(endedOf(app, kind, count));
  }
  return counts;
}

/** The rows that would end: what a kind ends in its own way is over already where it is not in force. */
async function* endedRows({ tables }: FoundApp, kind: CredentialKind, filter: TokenFilter, now: Date) {
  for await (const page of readKind(tables, kind, rowsOf(filter))) {
    yield page.filter(({ row }) => kind.end === undefined || kind.describe(row, now).live);
  }
}

const endedOf = (app: FoundApp, { kind, group, model }: CredentialKind, count: number): EndedCredentials => ({
  kind,
  group,
  app: app.label,
  table: app.tables.model(model).table,
  count,
});

/**
 * Ends the tokens that are meant, in one transaction, with one statement for each table: JSON Web Tokens are put on the blacklist,
 * API keys are revoked, all others deleted. An entry is written to the log for each user who held any.
 *
 * @throws CommandError of code `unknown_kind`.
 */
export async function revokeTokens(
  connection: Connection,
  filter: TokenFilter,
  { now = new Date(), actor }: AuditOptions = {},
): Promise<EndedCredentials[]> {
  const found = await findApps(connection, filter.apps);
  const kinds = chosenKinds(found, filter);
  return repeatableTransaction(found.connection, async (bound) => {
    const apps = bindApps(found, bound).apps;
    const ended: EndedCredentials[] = [];
    const holders = new Set<string>();
    for (const { app, kind } of kinds) {
      const own = apps.find(({ label }) => label === app.label);
      if (own === undefined) continue;
      if (actor !== undefined) {
        for await (const page of endedRows(own, kind, filter, now)) {
          for (const { user } of page) if (user !== null) holders.add(userIdText(user));
        }
      }
      const count = await endKind(own, kind, rowsOf(filter), now);
      if (count > 0) ended.push(endedOf(app, kind, count));
    }
    const users = [...(await findSessionUsers(bound, holders)).values()];
    await writeLog(
      bound,
      users.map((user) => tokensChanged(bound, user)),
      { actor, now },
    );
    return ended;
  });
}

/** What the log says of a user who was given tokens, or lost some. */
export function tokensChanged(
  { registry }: Pick<Connection, 'registry'>,
  { pk, username }: Pick<SessionUser, 'pk' | 'username'>,
): LogEvent {
  const messages = [{ changed: { fields: ['Tokens'] } }];
  return { action: 'change', model: registry.userModel, pk, repr: username, messages };
}
