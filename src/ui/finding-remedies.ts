import { onDatabase } from './remedies.js';

/** A finding of the checks, as far as it is known here. */
interface AnyFinding {
  readonly id: string;
  readonly object: string;
  readonly message: string;
  readonly hint?: string;
  readonly about?: Readonly<Record<string, string>>;
}

type Words =
  | string
  | ((finding: AnyFinding & { readonly about: Readonly<Record<string, string>> }) => string | undefined);

/** What makes a table again that no migration makes. */
function restoreTable({
  about: { model, app = '', alias = 'default', unmigrated },
}: {
  about: Record<string, string>;
}) {
  if (unmigrated !== undefined) {
    return `The app has no migrations: write the first with \`manage makemigrations ${unmigrated}\`.`;
  }
  if (model === undefined) return undefined;
  const on = alias === 'default' ? '' : ` --database ${alias}`;
  return (
    `No migration is left that would make it: restore it, or make it empty with \`manage sqlall ${model}${on} | manage dbshell${on}\` ` +
    `(\`sqlall ${app}\` where all tables of the app are missing).`
  );
}

/** What the command line says of findings in place of their own hints, by their ids. */
const hints: Readonly<Record<string, Words>> = {
  W001: 'Run `manage migrate` to apply them.',
  W002: 'A newer version may have made it; `manage migrate APP --prune` forgets it.',
  E010: restoreTable,
  E022: ({ about: { sql, these } }) => `Make those rows again, or remove ${these} with \`manage dbshell\`: ${sql}`,
  W035: ({ hint }) => hint ?? 'Run `manage inspectdb` to see which models there are.',
  W050: 'Make a longer one: `manage generatekeys`, or `manage generate_secret_key`.',
  W061: 'See them with `manage showuser`, and merge them with `manage mergeusers`.',
  W062: 'Password reset links are sent to each of them; `manage mergeusers` merges them.',
  W063: 'Models were renamed: `manage update_permissions --renamed app.old=new` moves the rights.',
  W064: '`manage remove_stale_contenttypes` removes those without tables.',
  W066: 'Set new ones with `manage changepassword`; `manage importusers` takes hashes of other systems.',
  E070: ({ hint }) => hint ?? 'Run `manage check`: it says what is wrong with the database.',
  W070: 'Run `manage clearsessions` every day.',
  W071: 'Make one with `manage createsuperuser`.',
  W072: 'See them with `manage listusers --superusers`.',
  W073: 'Deactivate unused ones: `manage deactivateuser`.',
  W077: 'See `manage auditpasswords`.',
  W078: 'Wrap them with `manage auditpasswords --wrap`.',
  W080: 'End them with `manage revokesessions USER`.',
  E081: 'Run `manage sqlsequencereset --apply` for its app.',
  W084: ({ about: { part } }) => `Run \`manage prune --only ${part}\` every day.`,
  I085: 'Keep backups as secret as passwords; `manage dumpdata --anonymize` leaves them out.',
};

const messages: Readonly<Record<string, Words>> = {
  I028: ({ about: { alias } }) => `Commands that destroy data in '${alias}' ask, or go on with --no-input.`,
};

/** The finding as the command line shows it: with the commands that help, which the library does not know. */
export function remediedFinding<F extends AnyFinding>({ about = {}, ...finding }: F): Omit<F, 'about'> {
  const said = { ...finding, about } as unknown as AnyFinding & { readonly about: Record<string, string> };
  const id = finding.id.replace(/^manage\./, '');
  const words = (table: Readonly<Record<string, Words>>) => {
    const own = Object.hasOwn(table, id) ? table[id] : undefined;
    return typeof own === 'function' ? own(said) : own;
  };
  const hint =
    about.pending === undefined ? words(hints) : 'Run `manage migrate`: migrations of this app are not applied.';
  const message = words(messages);
  const alias = about.alias ?? /^databases\.(.+)$/.exec(finding.object)?.[1] ?? 'default';
  return {
    ...finding,
    ...(message === undefined ? {} : { message }),
    ...(hint === undefined ? {} : { hint: onDatabase(hint, alias) }),
  };
}
