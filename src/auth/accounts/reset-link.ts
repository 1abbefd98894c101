import type { Connection } from '../../db/connect/connection.js';
import type { Value } from '../../db/dialect/dialect.js';
import type { Row } from '../../db/write/rows.js';
import { CommandError } from '../../errors.js';
import { storedField } from '../../registry/define.js';
import { isPasswordUsable } from '../passwords/hashers.js';
import { encodeUid, makeResetToken } from './tokens.js';
import { userModelOf } from './user-model.js';

export interface ResetLinkOptions {
  readonly secretKey: string;
  readonly now?: Date;
  readonly timeZone?: string;
  /** Where the site is, as far as its pages for accounts: `https://example.org/accounts`. */
  readonly baseUrl?: string;
  readonly style?: 'django' | 'allauth';
  /** Seconds that a link is good for; Django's PASSWORD_RESET_TIMEOUT, three days, by default. */
  readonly timeout?: number;
  /** Makes a link where Django's own form would send none. */
  readonly force?: boolean;
}

export interface ResetLink {
  readonly url: string;
  /** ISO text in UTC. */
  readonly expires: string;
}

const threeDays = 3 * 24 * 60 * 60;

/** Why Django's form would send no link to this account: none for one that it would send one to. */
export function refusalsOf({ registry }: Pick<Connection, 'registry'>, user: Row): string[] {
  const { auth, password } = userModelOf(registry);
  const reasons: string[] = [];
  if (auth.activeField !== undefined && user[auth.activeField] !== true) reasons.push('The account is not active.');
  if (!isPasswordUsable(String(user[password.name] ?? '!')))
    reasons.push('Its password is unusable, so it logs in by other means.');
  if (auth.emailField === undefined || !user[auth.emailField]) reasons.push('It has no e-mail address.');
  return reasons;
}

/** Addresses that allauth's token is bound to, besides the user's own. */
async function addressesOf({ db, dialect, registry }: Connection, pk: Value, email: string): Promise<string[]> {
  // allauth 65 account/utils.py, user_email: in lower case, whatever the account has.
  const own = email === '' ? [] : [email.toLowerCase()];
  if (!(await dialect.tableNames(db)).includes('account_emailaddress')) return own;
  const user = dialect.bind(db, storedField(registry, registry.userModel.primaryKey), pk);
  const rows: string[] = await db('account_emailaddress').where('user_id', user).pluck('email');
  return [...new Set([...rows, ...own])].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
}

const base36 = (pk: Value): string =>
  /^\d+$/.test(String(pk)) ? BigInt(String(pk)).toString(36) : String(pk).replaceAll('-', '');

/**
 * A link with which somebody chooses a new password at a Django site: good once, until the next login or change of the address,
 * and for a time.
 *
 * @throws CommandError of code `no_reset` with the reasons why Django's own form would send none.
 */
export async function makeResetLink(connection: Connection, user: Row, options: ResetLinkOptions): Promise<ResetLink> {
  const {
    secretKey,
    now = new Date(),
    timeZone = 'UTC',
    baseUrl = 'http://localhost:8000',
    style = 'django',
    timeout = threeDays,
    force = false,
  } = options;
  const { model, auth, password } = userModelOf(connection.registry);
  const reasons = refusalsOf(connection, user);
  if (reasons.length > 0 && !force) {
    throw new CommandError(`Django would send no link to this account. ${reasons.join(' ')}`, { code: 'no_reset' });
  }
  const url = URL.canParse(baseUrl) ? new URL(baseUrl) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new CommandError(`'${baseUrl}' is not the URL of a site.`, {
      code: 'bad_value',
      hint: 'Write https://example.org, or with the path of its pages for accounts: https://example.org/accounts.',
    });
  }
  const pk = user[model.primaryKey.name] ?? null;
  const key = typeof pk === 'number' ? pk : String(pk);
  const text = (name: string | undefined) =>
    name === undefined || user[name] === null || user[name] === undefined ? '' : String(user[name]);
  const email = text(auth.emailField);
  const bound = style === 'allauth' ? email + (await addressesOf(connection, pk, email)).join('|') : email;
  const account = {
    pk: key,
    password: String(user[password.name] ?? ''),
    last_login: text(auth.lastLoginField) || null,
    email: bound,
  };
  const token = makeResetToken(account, { secretKey, now, timeZone });
  const prefix = url.pathname === '/' ? '/accounts' : url.pathname.replace(/\/$/, '');
  const path =
    style === 'allauth' ? `/password/reset/key/${base36(pk)}-${token}/` : `/reset/${encodeUid(key)}/${token}/`;
  return { url: `${url.origin}${prefix}${path}`, expires: new Date(now.getTime() + timeout * 1000).toISOString() };
}
