/** A content type as `django_content_type` has it, with what its permissions call the model. */
export interface KnownModel {
  readonly app: string;
  readonly model: string;
  readonly verboseName: string | undefined;
}

/** Label and class name of the model that a table belongs to. */
export interface ModelName {
  readonly app: string;
  readonly name: string;
  readonly verboseName: string | undefined;
}

/** App of tables that no content type and no migration says anything about. */
const unnamedApp = 'tables';

/**
 * Finds out which models the tables belong to: by their usual names, then by the ends of their names, then by what is left
 * over on both sides, and last of all by the apps that their names begin with. `apps` are all labels that the database knows.
 */
export function nameTables(
  tables: readonly string[],
  known: readonly KnownModel[],
  apps: readonly string[],
): Map<string, ModelName> {
  const names = new Map<string, ModelName>();
  const free = new Set(tables);
  const set = (table: string, app: string, name: string, verboseName: string | undefined) => {
    const taken = new Set(
      [...names.values()].filter((each) => each.app === app).map((each) => each.name.toLowerCase()),
    );
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}${number}`;
    names.set(table, { app, name: free, verboseName });
  };
  const take = (table: string, { app, model, verboseName }: KnownModel) => {
    set(table, app, className(model, verboseName), verboseName);
    free.delete(table);
  };
  const isTaken = (app: string, model: string) =>
    [...names.values()].some((name) => name.app === app && name.name.toLowerCase() === model);
  const left = known.filter((each) => {
    const usual = `${each.app}_${each.model}`;
    if (!free.has(usual)) return true;
    take(usual, each);
    return false;
  });
  for (const each of left) {
    const ends = (table: string) => table.toLowerCase() === each.model || plain(table).endsWith(each.model);
    const candidates = [...free].filter(ends);
    const [only] = candidates;
    if (only !== undefined && candidates.length === 1) take(only, each);
  }
  const [lastTable, ...moreTables] = free;
  const [lastModel, ...moreModels] = left.filter(({ app, model }) => !isTaken(app, model));
  if (lastTable !== undefined && lastModel !== undefined && moreTables.length === 0 && moreModels.length === 0) {
    take(lastTable, lastModel);
  }
  for (const table of free) {
    const app = apps.filter((label) => table.startsWith(`${label}_`)).sort((a, b) => b.length - a.length)[0];
    const rest = app === undefined ? table : table.slice(app.length + 1);
    set(table, app ?? unnamedApp, className(rest, undefined), undefined);
  }
  return names;
}

const plain = (table: string) => table.toLowerCase().replaceAll('_', '');

/** `blogpost`, called `blog post`, is `BlogPost`; `order_line` is `OrderLine`. */
function className(model: string, verboseName: string | undefined): string {
  const words = (verboseName ?? '').split(' ');
  const parts = words.join('').toLowerCase() === model.toLowerCase() ? words : model.split(/[^\p{L}\p{N}]+/u);
  const name = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  return /^\p{L}/u.test(name) ? name : `Model${name}`;
}
