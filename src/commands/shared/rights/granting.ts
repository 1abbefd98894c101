import { matchPermissions, readPermissions } from '../../../auth/permissions/catalogue.js';
import { requireGroup } from '../../../auth/permissions/groups.js';
import { changePermissions, type Holder } from '../../../auth/permissions/manage-groups.js';
import type { Context } from '../../../command.js';
import { UsageError } from '../../../errors.js';
import { counted } from '../../../text.js';
import { findPerson, keyOf, nameOf, namesOf } from '../accounts/people.js';
import { actorOptions, auditOf } from '../actor.js';
import { database, dryRun } from '../options.js';
import { permissionHint } from './groups.js';

export const grantPositionals = { permission: { required: true, variadic: true, describe: permissionHint } } as const;

export const grantOptions = {
  ...database,
  user: { type: 'list', placeholder: 'USER', describe: 'This user; - reads names from standard input, one per line.' },
  group: { type: 'list', placeholder: 'NAME', describe: 'This group.' },
  ...dryRun,
  ...actorOptions,
} as const;

interface GrantArguments {
  readonly permission: readonly string[];
  readonly database: string;
  readonly user: readonly string[];
  readonly group: readonly string[];
  readonly dryRun: boolean;
  readonly actor: string | undefined;
}

/** Gives permissions to users and groups, or takes them away, and says for whom that is new. */
export async function runGrant(context: Context, args: GrantArguments, verb: 'grant' | 'revoke') {
  const { terminal } = context;
  if (args.user.length + args.group.length === 0) {
    throw new UsageError(`Name users or groups: --user or --group.`);
  }
  const connection = await context.connect(args.database, { writes: true });
  const all = await readPermissions(connection);
  const wanted = matchPermissions(all, args.permission);
  const holders: Holder[] = [];
  for (const name of await namesOf(context, args.user)) {
    const row = await findPerson(connection, name);
    holders.push({ kind: 'user', pk: keyOf(connection, row), name: nameOf(connection, row) });
  }
  for (const name of args.group) holders.push({ kind: 'group', ...(await requireGroup(connection, name)) });
  const audit = await auditOf(context, connection, verb, args);
  const { tryOut } = await import('../../../db/transactions/dry-run.js');
  const keys = wanted.map(({ pk }) => pk);
  const changes = await tryOut(connection, args, (bound) => changePermissions(bound, holders, keys, verb, audit));
  const labels = new Map(all.map(({ pk, label }) => [String(pk), label]));
  const would = args.dryRun ? 'would be ' : '';
  for (const holder of holders) {
    const count = changes.find((change) => change.holder === holder)?.permissions.length ?? 0;
    const whom = `${holder.kind} '${holder.name}'`;
    terminal.say(
      count === 0
        ? `Nothing to ${verb}: ${whom} ${verb === 'grant' ? 'has them already' : 'has none of them'}.`
        : `${counted(count, 'permission')} ${would}${verb === 'grant' ? 'given to' : 'taken from'} ${whom}.`,
    );
  }
  return {
    json: {
      dryRun: args.dryRun,
      permissions: wanted.map(({ label }) => label),
      changes: changes.map(({ holder, permissions }) => ({
        kind: holder.kind,
        name: holder.name,
        pk: holder.pk,
        permissions: permissions.map((pk) => labels.get(String(pk)) ?? String(pk)),
      })),
    },
  };
}
