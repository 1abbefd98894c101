import { userModelOf } from '../../../auth/accounts/user-model.js';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { findModel } from '../../../registry/define.js';

/** What a value can be: by the names of options and of arguments. */
export type ValueKind = 'user' | 'group' | 'permission' | 'model' | 'migration' | 'session' | 'command' | 'database';

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
  applabel: 'model',
  model: 'model',
  exclude: 'model',
  migration: 'migration',
  key: 'session',
  sessionkey: 'session',
  command: 'command',
  database: 'database',
};

export const kindOf = (name: string): ValueKind | undefined => kinds[name.replace(/^-+/, '').toLowerCase()];

const most = 50;

/** Values of a text column that begin with `prefix`: a range, so that its index is used. */
async function beginning({ db }: Connection, table: string, column: string, prefix: string): Promise<string[]> {
  const query = db(table).select(column).orderBy(column).limit(most);
  if (prefix !== '') query.where(column, 'like', `${prefix.replaceAll(/[%_\\]/g, '_')}%`);
  const values: unknown[] = await query.pluck(column);
  return values.map(String).filter((value) => value.startsWith(prefix));
}

/** Values of a kind that begin with `prefix`, from the database that is meant. */
export async function valuesOf(context: Context, kind: ValueKind, prefix: string, alias: string): Promise<string[]> {
  if (kind === 'command') return (await context.commands()).commands.map(({ name }) => name);
  const connection = await context.connect(alias, { lockTimeoutMs: 50 });
  const { registry, db } = connection;
  if (kind === 'user') {
    const { model, username } = userModelOf(registry);
    return beginning(connection, model.table, username.column, prefix);
  }
  if (kind === 'group')
    return beginning(connection, findModel(registry, 'auth.group')?.table ?? 'auth_group', 'name', prefix);
  if (kind === 'session') {
    const keys =
      prefix.length < 2
        ? []
        : await beginning(
            connection,
            findModel(registry, 'sessions.session')?.table ?? 'django_session',
            'session_key',
            prefix,
          );
    return keys.map((key) => key.slice(0, Math.max(8, prefix.length + 1)));
  }
  if (kind === 'permission') {
    const { readPermissions } = await import('../../../auth/permissions/catalogue.js');
    return (await readPermissions(connection)).map(({ label }) => label);
  }
  if (kind === 'migration')
    return (await db('django_migrations').distinct('name').orderBy('name').pluck('name')).map(String);
  return registry.apps.flatMap(({ label, models }) => [label, ...models.map(({ name }) => `${label}.${name}`)]);
}
