import { userModelOf } from '../../../auth/accounts/user-model.js';
import { labelPermissions } from '../../../auth/permissions/names.js';
import type { Context } from '../../../command.js';
import { type Peek, peek } from '../../../db/connect/peek.js';
import { findModel } from '../../../registry/define.js';
import type { Registry } from '../../../registry/types.js';

/** What a value can be: by the names of options and of arguments. */
export type ValueKind =
  | 'user'
  | 'group'
  | 'permission'
  | 'model'
  | 'migration'
  | 'session'
  | 'command'
  | 'database'
  | 'tag';

const kinds: Readonly<Record<string, ValueKind>> = {
  user: 'user',
  username: 'user',
  usernames: 'user',
  keep: 'user',
  lose: 'user',
  usera: 'user',
  userb: 'user',
  actor: 'user',
  'reassign-to': 'user',
  'add-user': 'user',
  'remove-user': 'user',
  group: 'group',
  'add-group': 'group',
  'remove-group': 'group',
  permission: 'permission',
  'add-permission': 'permission',
  'remove-permission': 'permission',
  label: 'model',
  'app-label': 'model',
  app: 'model',
  applabel: 'model',
  labels: 'model',
  'applications-to': 'user',
  'allow-protected': 'database',
  model: 'model',
  exclude: 'model',
  migration: 'migration',
  migrationname: 'migration',
  key: 'session',
  sessionkey: 'session',
  session: 'session',
  except: 'session',
  command: 'command',
  database: 'database',
  tag: 'tag',
};

export const kindOf = (name: string): ValueKind | undefined => kinds[name.replace(/^-+/, '').toLowerCase()];

const most = 50;
/**
 * How long a completion may take in all, in milliseconds: what `MANAGE_COMPLETE_TIMEOUT` says, or a second. The database has half
 * of it.
 */
export const completionTimeoutMs = ({ env }: Pick<Context, 'env'>): number =>
  Number(env.MANAGE_COMPLETE_TIMEOUT) || 1000;

/** Where the values of a kind are: a table, and a text column of it. */
function placeOf(registry: Registry, kind: ValueKind): { readonly table: string; readonly column: string } | undefined {
  if (kind === 'user') {
    const { model, username } = userModelOf(registry);
    return { table: model.table, column: username.column };
  }
  const tables = { group: ['auth.group', 'name'], session: ['sessions.session', 'session_key'] } as const;
  if (kind !== 'group' && kind !== 'session') return undefined;
  const [label, name] = tables[kind];
  const model = findModel(registry, label);
  const field = model?.fields.find((each) => each.name === name);
  return model === undefined || field === undefined ? undefined : { table: model.table, column: field.column };
}

/** What is asked for, and by which words. */
export interface ValueRequest {
  readonly kind: ValueKind;
  readonly prefix: string;
  readonly alias: string;
  /** The argument before: of a migration its app. */
  readonly previous: string | undefined;
}

/** Values of a kind that begin with a prefix, from the database that is meant. */
export async function valuesOf(context: Context, request: ValueRequest): Promise<string[]> {
  const { kind, prefix, alias, previous } = request;
  if (kind === 'command') return (await context.commands()).commands.map(({ name }) => name);
  if (kind === 'tag') return (await import('../../../schema/checks/run.js')).checkTags({ deploy: true });
  const { settings, registry: declared } = await context.declare();
  if (kind === 'database') return Object.keys(settings.databases);
  const database = settings.databases[alias];
  if (database === undefined || (kind === 'session' && prefix.length < 2)) return [];
  const driver = settings.sqliteDriver === undefined ? {} : { driver: settings.sqliteDriver };
  const timeoutMs = completionTimeoutMs(context) / 2;
  const ask = (...questions: Peek[]) => peek(database, questions, { timeoutMs, ...driver });
  if (kind === 'migration') {
    const [rows = []] = await ask({ table: 'django_migrations', columns: ['name', 'app'], limit: 10_000 });
    const isOfApp = rows.some(({ app }) => app === previous);
    return rows.filter(({ app }) => !isOfApp || app === previous).map(({ name }) => String(name));
  }
  // Where the database itself says what models there are, it is asked that first.
  const registry = settings.introspect
    ? (await context.connect(alias, { lockTimeoutMs: timeoutMs })).registry
    : declared;
  if (kind === 'model') {
    // Both ways to write a model are understood.
    const spelled = (name: string) => (/\.[a-z]/.test(prefix) ? name.toLowerCase() : name);
    return registry.apps.flatMap(({ label, models }) => [
      label,
      ...models.map(({ name }) => `${label}.${spelled(name)}`),
    ]);
  }
  if (kind === 'permission') {
    const [types = [], rows = []] = await ask(
      { table: 'django_content_type', columns: ['id', 'app_label', 'model'], limit: 10_000 },
      { table: 'auth_permission', columns: ['codename', 'content_type_id'], limit: 50_000 },
    );
    const byKey = new Map(types.map((row) => [String(row.id), row]));
    const found = rows.flatMap(({ codename, content_type_id: key }) => {
      const type = byKey.get(String(key));
      if (type === undefined) return [];
      return [{ app: String(type.app_label), model: String(type.model), codename: String(codename) }];
    });
    return labelPermissions(found).map(({ label }) => label);
  }
  const place = placeOf(registry, kind);
  if (place === undefined) return [];
  const { table, column } = place;
  const startsWith = prefix === '' ? {} : { startsWith: { column, text: prefix } };
  const [rows = []] = await ask({ table, columns: [column], limit: most, ...startsWith });
  const values = rows.map((row) => String(row[column]));
  return kind === 'session' ? values.map((key) => key.slice(0, Math.max(8, prefix.length + 1))) : values;
}
