import { truncateName } from '../../registry/names.js';

/** A content type as `django_content_type` has it, with what its permissions call the model. */
export interface KnownModel {
  readonly app: string;
  readonly model: string;
  readonly verboseName: string | undefined;
  /** Its permissions: codename to name. Undefined where there are none at all. */
  readonly permissions?: Readonly<Record<string, string>>;
}

/** Label and class name of the model that a table belongs to. */
export interface ModelName {
  readonly app: string;
  readonly name: string;
  readonly verboseName: string | undefined;
  /** See {@link KnownModel}. */
  readonly permissions?: Readonly<Record<string, string>>;
  /** Whether no content type says so. */
  readonly guessed: boolean;
}

/** What a table itself says of its model. */
export interface NamedTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Names that join tables have for its model in their columns: `tag` for `tag_id`. */
  readonly linkedAs: ReadonlySet<string>;
}

/** App of tables that no content type and no migration says anything about. */
const unnamedApp = 'tables';

/**
 * Finds out which models the tables belong to, by what Django leaves: content types under the usual names of their tables;
 * then the best fit of the names, in singular and plural, where the columns of join tables and of histories agree; then
 * what is left over on both sides. The rest is guessed, by the apps that the tables' names begin with. `apps` are all labels
 * that the database knows.
 */
export function nameTables(
  tables: readonly NamedTable[],
  known: readonly KnownModel[],
  apps: readonly string[],
  { maxNameLength }: { readonly maxNameLength?: number | undefined } = {},
): Map<string, ModelName> {
  const names = new Map<string, ModelName>();
  // A table between two models may be a model itself, and name its columns as it likes.
  const models = new Set(known.map(({ model }) => model));
  const agreed = (linkedAs: ReadonlySet<string>) => new Set([...linkedAs].filter((name) => models.has(name)));
  const free = new Map(tables.map((table) => [table.name, { ...table, linkedAs: agreed(table.linkedAs) }]));
  const set = (table: string, { app, name, ...rest }: ModelName) => {
    const taken = new Set(
      [...names.values()].filter((each) => each.app === app).map((each) => each.name.toLowerCase()),
    );
    let free = name;
    for (let number = 2; taken.has(free.toLowerCase()); number++) free = `${name}${number}`;
    names.set(table, { app, name: free, ...rest });
  };
  let left = [...known];
  const take = (table: string, type: KnownModel) => {
    const { model, ...rest } = type;
    set(table, { ...rest, name: className(model, type.verboseName), guessed: false });
    free.delete(table);
    left = left.filter((each) => each !== type);
  };
  for (const type of known) {
    const usual = truncateName(`${type.app}_${type.model}`, maxNameLength);
    if (free.has(usual)) take(usual, type);
  }
  // The clearest cases first: what they take is no candidate for the others.
  for (const least of [5, 4, 3, 2, 1]) {
    for (const type of left) {
      const fits = [...free.values()].filter((table) => fitOf(table, type, names) >= least);
      const [only] = fits;
      if (only === undefined || fits.length > 1) continue;
      if (left.some((other) => other !== type && fitOf(only, other, names) >= fitOf(only, type, names))) continue;
      take(only.name, type);
    }
  }
  const [lastTable, ...moreTables] = free.values();
  const [lastModel, ...moreModels] = left;
  if (lastTable !== undefined && lastModel !== undefined && moreTables.length === 0 && moreModels.length === 0) {
    // Beside models that have tables it may as well be a proxy of one of them.
    const isAlone = ![...names.values()].some(({ app }) => app === lastModel.app);
    const isOfApp = isAlone || lastTable.name.startsWith(`${lastModel.app}_`);
    if (isOfApp && fitOf(lastTable, lastModel, names) >= 0) take(lastTable.name, lastModel);
  }
  for (const { name: table, linkedAs } of tables.filter(({ name }) => free.has(name))) {
    const app = apps.filter((label) => table.startsWith(`${label}_`)).sort((a, b) => b.length - a.length)[0];
    const [linked] = linkedAs.size === 1 ? linkedAs : [];
    const rest = linked ?? (app === undefined ? table : table.slice(app.length + 1));
    set(table, { app: app ?? unnamedApp, name: className(rest, undefined), verboseName: undefined, guessed: true });
  }
  return names;
}

/** How well a table's name fits a content type: 0 for no reason, less where something speaks against it. */
function fitOf(
  { name, columns, linkedAs }: NamedTable,
  type: KnownModel,
  names: ReadonlyMap<string, ModelName>,
): number {
  const { app, model } = type;
  if (linkedAs.size > 0 && !linkedAs.has(model)) return -1;
  if (isHistory(columns) !== model.startsWith('historical')) return -1;
  const linked = linkedAs.has(model) ? 2 : 0;
  const text = plain(name);
  if (isHistory(columns)) {
    if (originalsOf(type, names).some((table) => text.includes(plain(table)))) return 3;
    // The model may be of an app that is known anyway: `register(User, app='library', table_name='user_history')`.
    const original = plain(model.slice('historical'.length));
    const rest = text.replace(/histor(?:y|ical)/, '');
    if ([...formsOf(original), plain(app) + original].includes(rest)) return 3;
    return text.includes(original) ? 2 : linked;
  }
  const forms = formsOf(model);
  if (forms.some((form) => [plain(app) + form, form, `django${form}`].includes(text))) return 3 + linked;
  if (forms.some((form) => text.endsWith(form))) return (sharesWord(name, app) ? 2 : 1) + linked;
  return linked;
}

/** Whether django-simple-history made the table: the columns that it gives to each (simple_history/models.py). */
export const isHistory = (columns: readonly string[]) =>
  ['history_id', 'history_date', 'history_type'].every((column) => columns.includes(column));

/** Whether django-simple-history made the table for links that a model has to several others (`m2m_fields`). */
export const isLinkHistory = (columns: readonly string[]) =>
  ['m2m_history_id', 'history_id'].every((column) => columns.includes(column));

/** Tables of the model that a history is of. */
const originalsOf = ({ app, model }: KnownModel, names: ReadonlyMap<string, ModelName>) =>
  [...names]
    .filter(([, each]) => each.app === app && `historical${each.name}`.toLowerCase() === model)
    .map(([table]) => table);

/** `social_auth_code` shares a word with the app `social_django`. */
const sharesWord = (table: string, app: string) =>
  table
    .toLowerCase()
    .split('_')
    .some((word) => word !== 'django' && app.toLowerCase().split('_').includes(word));

/** A name in singular and plural. */
const formsOf = (model: string) => [
  plain(model),
  `${plain(model)}s`,
  `${plain(model)}es`,
  ...(model.endsWith('y') ? [`${plain(model).slice(0, -1)}ies`] : []),
];

/** Whether a table may be that of a content type: its name ends as the model is called, or is that of the app. */
export function mayBeTableOf(table: string, { app, model }: Pick<KnownModel, 'app' | 'model'>): boolean {
  const text = plain(table);
  return table === app || formsOf(model).some((form) => text.endsWith(form));
}

const plain = (table: string) => table.toLowerCase().replaceAll('_', '');

/** `blogpost`, called `blog post`, is `BlogPost`; `order_line` is `OrderLine`. */
export function className(model: string, verboseName: string | undefined): string {
  const words = (verboseName ?? '').split(' ');
  const parts = words.join('').toLowerCase() === model.toLowerCase() ? words : model.split(/[^\p{L}\p{N}]+/u);
  const name = parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
  return /^\p{L}/u.test(name) ? name : `Model${name}`;
}
