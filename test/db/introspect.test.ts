import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import type { Connection } from '../../src/db/connect/connection.js';
import type { IntrospectedConstraint, IntrospectedTable } from '../../src/db/introspection/introspection.js';
import { compareTable } from '../../src/db/schema/compare.js';
import { migrationsTable, tablesOf } from '../../src/db/schema/tables.js';
import { transaction } from '../../src/db/transactions/transaction.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import type { AppDefinition } from '../../src/registry/types.js';
import { awkward } from '../helpers/awkward.js';
import { blogApp } from '../helpers/blog-app.js';
import { createDatabase, type Engine, forEachEngine, sqliteDriver, type TestDatabase } from '../helpers/databases.js';
import { migrateTo } from '../helpers/migrations.js';

const maxNameLength: Record<Engine, number | undefined> = { sqlite: undefined, postgres: 63, mariadb: 64 };

/** In one order, and without names of primary keys: PostgreSQL makes these up, and counts where they are cut alike. */
const comparable = ({ name, kind, columns, constraints }: IntrospectedTable) => ({
  name,
  kind,
  columns: columns.map(({ field: _, ...column }) => column).toSorted((a, b) => a.name.localeCompare(b.name)),
  constraints: constraints.map((each) => JSON.stringify(sortedKeys(each))).toSorted(),
});
const sortedKeys = ({ name, ...rest }: IntrospectedConstraint) =>
  Object.fromEntries(
    Object.entries(rest.kind === 'primary' ? rest : { name, ...rest }).toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );

forEachEngine((engine) => {
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  async function open(
    apps: readonly AppDefinition[],
    from: 'empty' | 'sample' = 'empty',
  ): Promise<{ connection: Connection; database: TestDatabase }> {
    const database = await createDatabase(engine, { from });
    const registry = createRegistry([...coreApps, ...apps], 'auth.user', { maxNameLength: maxNameLength[engine] });
    const connection = await connect(database.settings, registry, { driver: sqliteDriver });
    undo.push(
      () => database.drop(),
      () => connection.close(),
    );
    return { connection, database };
  }

  async function make({ connection }: { connection: Connection }, statements: readonly string[]): Promise<void> {
    for (const sql of statements) await connection.db.raw(sql);
  }

  it("reads the tables of Django's sample database as the registry describes them", async () => {
    const { connection } = await open([blogApp], 'sample');
    const { tables } = await connection.dialect.introspect(connection.db);
    const expected = [...tablesOf(connection.registry), migrationsTable];
    for (const definition of expected) {
      const found = tables.get(definition.name);
      const described = await connection.dialect.describe(definition);
      expect(found && comparable(found)).toEqual(comparable(described));
    }
    expect([...tables.keys()].toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
  });

  it('reads the tables of awkward models as the registry describes them', async () => {
    const { connection } = await open([awkward]);
    await migrateTo({ ...connection, registry: createRegistry(coreApps) });
    const own = tablesOf(connection.registry).filter(({ name }) => !/^(?:auth|django)_/.test(name));
    await transaction(connection, async ({ db: executor }) => {
      const editor = await connection.dialect.editor(executor);
      for (const table of own) await editor.createTable(table);
      await editor.finish();
    });
    const { tables } = await connection.dialect.introspect(connection.db);
    for (const definition of own) {
      const found = tables.get(definition.name);
      const described = await connection.dialect.describe(definition);
      expect(found && comparable(found)).toEqual(comparable(described));
      expect(compareTable(described, found)).toEqual([]);
    }
  });

  it('takes keys of any width for the same, and tells all else apart', async () => {
    const { connection, database } = await open([]);
    await migrateTo(connection);
    for (const sql of changes[engine]) await database.query(sql);
    const { tables } = await connection.dialect.introspect(connection.db);
    const found: unknown[] = [];
    for (const definition of tablesOf(connection.registry)) {
      const described = await connection.dialect.describe(definition);
      found.push(...compareTable(described, tables.get(definition.name)));
    }
    expect(found).toEqual(differences[engine]);
  });

  it('says what indexes and checks are beyond their columns', async () => {
    const opened = await open([]);
    await make(opened, [
      'CREATE TABLE o (a integer, b integer, PRIMARY KEY (b, a))',
      ...beyond[engine],
      'CREATE UNIQUE INDEX i2 ON t (x DESC, y)',
      'CREATE INDEX i3 ON t (y, x)',
      'CREATE VIEW v AS SELECT x FROM t',
    ]);
    const { tables } = await opened.connection.dialect.introspect(opened.connection.db);
    const table = tables.get('t');
    expect(tables.get('v')).toMatchObject({ kind: 'view', constraints: [] });
    expect(tables.get('o')?.constraints.map(({ columns }) => columns)).toEqual([['b', 'a']]);
    expect(table?.columns.map(({ name, null: isNull, default: value }) => [name, isNull, value])).toEqual(
      defaults[engine],
    );
    expect(table?.constraints.toSorted((a, b) => `${a.kind}${a.name}`.localeCompare(`${b.kind}${b.name}`))).toEqual(
      special[engine],
    );
  });

  it('reads only the tables that are wanted, whatever they are called', async () => {
    const opened = await open([]);
    await make(opened, [`CREATE TABLE "it's ""one""" (a integer)`, 'CREATE TABLE two (a integer)']);
    const { tables } = await opened.connection.dialect.introspect(opened.connection.db, {
      tables: [`it's "one"`, 'none'],
    });
    expect([...tables.keys()]).toEqual([`it's "one"`]);
  });
});

describe('SQLite alone', () => {
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  it('reads a database with a view of nothing and a virtual table', async () => {
    const database = await createDatabase('sqlite');
    const connection = await connect(database.settings, createRegistry(coreApps), { driver: sqliteDriver });
    undo.push(
      () => database.drop(),
      () => connection.close(),
    );
    await connection.db.raw('CREATE VIEW broken AS SELECT * FROM nobody');
    await connection.db.raw('CREATE VIRTUAL TABLE words USING fts5(word)');
    await connection.db.raw('CREATE TABLE plain (a text PRIMARY KEY) WITHOUT ROWID');
    const { tables } = await connection.dialect.introspect(connection.db);
    expect(tables.get('broken')).toEqual({ name: 'broken', kind: 'view', columns: [], constraints: [] });
    expect(tables.get('words')).toMatchObject({ kind: 'virtual', constraints: [] });
    expect(tables.get('plain')?.columns).toEqual([
      { name: 'a', type: 'text', null: false, default: undefined, generated: false },
    ]);
  });
});

const changes: Record<Engine, string[]> = {
  sqlite: [
    'ALTER TABLE auth_user_groups RENAME COLUMN group_id TO groop_id',
    'DROP INDEX auth_user_user_permissions_user_id_a95ead1b',
    'DROP INDEX auth_permission_content_type_id_codename_01ab375a_uniq',
    'ALTER TABLE auth_group ADD COLUMN note text',
    'DROP TABLE django_session',
    'CREATE VIEW django_session AS SELECT 1 AS session_key',
  ],
  postgres: [
    'ALTER TABLE auth_user_groups ALTER COLUMN id TYPE integer, ALTER COLUMN user_id TYPE bigint',
    'ALTER TABLE auth_user_groups RENAME COLUMN group_id TO groop_id',
    'DROP INDEX auth_user_user_permissions_user_id_a95ead1b, auth_user_username_6821ab7c_like',
    'ALTER TABLE auth_permission DROP CONSTRAINT auth_permission_content_type_id_codename_01ab375a_uniq',
    'ALTER TABLE auth_group ADD COLUMN note text',
    'ALTER TABLE auth_user ALTER COLUMN email TYPE varchar(75), ALTER COLUMN last_login SET NOT NULL',
    'ALTER TABLE django_admin_log DROP CONSTRAINT django_admin_log_action_flag_check, DROP CONSTRAINT django_admin_log_user_id_c564eba6_fk_auth_user_id',
    'ALTER TABLE auth_group_permissions ALTER COLUMN id DROP IDENTITY',
    'DROP TABLE django_session',
    'CREATE VIEW django_session AS SELECT 1 AS session_key',
  ],
  mariadb: [
    'ALTER TABLE auth_user_groups RENAME COLUMN group_id TO groop_id',
    'CREATE INDEX other ON auth_permission (content_type_id)',
    'DROP INDEX auth_permission_content_type_id_codename_01ab375a_uniq ON auth_permission',
    'ALTER TABLE auth_group ADD COLUMN note text',
    'ALTER TABLE auth_user MODIFY email varchar(75) NOT NULL, MODIFY last_login datetime(6) NOT NULL',
    'ALTER TABLE django_admin_log MODIFY action_flag smallint unsigned NOT NULL, DROP FOREIGN KEY django_admin_log_user_id_c564eba6_fk_auth_user_id',
    'ALTER TABLE auth_group_permissions MODIFY id bigint NOT NULL',
    'DROP TABLE django_session',
    'CREATE VIEW django_session AS SELECT 1 AS session_key',
  ],
};

const missing = (table: string, constraint: IntrospectedConstraint) => ({
  kind: 'missing_constraint',
  table,
  constraint,
});
const noUnique = missing('auth_permission', {
  name: 'auth_permission_content_type_id_codename_01ab375a_uniq',
  kind: 'unique',
  columns: ['content_type_id', 'codename'],
});
const noIndex = missing('auth_user_user_permissions', {
  name: 'auth_user_user_permissions_user_id_a95ead1b',
  kind: 'index',
  columns: ['user_id'],
});
const otherColumn = [
  { kind: 'missing_column', table: 'auth_user_groups', column: 'group_id' },
  { kind: 'extra_column', table: 'auth_user_groups', column: 'groop_id', required: true },
];
const note = { kind: 'extra_column', table: 'auth_group', column: 'note', required: false };

const differences: Record<Engine, unknown[]> = {
  sqlite: [noUnique, note, ...otherColumn, noIndex, { kind: 'not_a_table', table: 'django_session', is: 'view' }],
  postgres: [
    missing('django_admin_log', {
      name: 'django_admin_log_user_id_c564eba6_fk_auth_user_id',
      kind: 'foreign',
      columns: ['user_id'],
      references: { table: 'auth_user', columns: ['id'] },
      rules: ' DEFERRABLE INITIALLY DEFERRED',
      deferred: true,
    }),
    missing('django_admin_log', {
      name: 'django_admin_log_action_flag_check',
      kind: 'check',
      columns: ['action_flag'],
      definition: 'action_flag >= 0',
    }),
    noUnique,
    note,
    {
      kind: 'generated',
      table: 'auth_group_permissions',
      column: 'id',
      expected: 'generated',
      actual: 'not generated',
    },
    { kind: 'null', table: 'auth_user', column: 'last_login', expected: 'NULL', actual: 'NOT NULL' },
    { kind: 'type', table: 'auth_user', column: 'email', expected: 'varchar(254)', actual: 'varchar(75)' },
    missing('auth_user', {
      name: 'auth_user_username_6821ab7c_like',
      kind: 'index',
      columns: ['username'],
      definition: '(username varchar_pattern_ops)',
    }),
    ...otherColumn,
    noIndex,
    { kind: 'not_a_table', table: 'django_session', is: 'view' },
  ],
  mariadb: [
    missing('django_admin_log', {
      name: 'django_admin_log_user_id_c564eba6_fk_auth_user_id',
      kind: 'foreign',
      columns: ['user_id'],
      references: { table: 'auth_user', columns: ['id'] },
      rules: '',
    }),
    missing('django_admin_log', {
      name: 'action_flag',
      kind: 'check',
      columns: ['action_flag'],
      definition: 'action_flag >= 0',
    }),
    noUnique,
    note,
    {
      kind: 'generated',
      table: 'auth_group_permissions',
      column: 'id',
      expected: 'generated',
      actual: 'not generated',
    },
    { kind: 'null', table: 'auth_user', column: 'last_login', expected: 'NULL', actual: 'NOT NULL' },
    { kind: 'type', table: 'auth_user', column: 'email', expected: 'varchar(254)', actual: 'varchar(75)' },
    ...otherColumn,
    { kind: 'not_a_table', table: 'django_session', is: 'view' },
  ],
};

const beyondAll = [
  "CREATE TABLE t (x integer, y text DEFAULT 'd', FOREIGN KEY (x, x) REFERENCES o (b, a), CHECK (x > 0 OR y IS NULL))",
  'CREATE INDEX i1 ON t (lower(y)) WHERE x > 1',
];
/** MariaDB has no indexes over expressions or some of the rows, but over the beginnings of texts, and of words in them. */
const beyond: Record<Engine, string[]> = {
  sqlite: beyondAll,
  postgres: beyondAll,
  mariadb: [
    `CREATE TABLE t (x integer, y varchar(9) DEFAULT 'd', CONSTRAINT x_o FOREIGN KEY (x, z) REFERENCES o (b, a),
       z integer, CHECK (x > 0 OR y IS NULL))`,
    'CREATE INDEX i1 ON t (y(3))',
    'CREATE FULLTEXT INDEX i4 ON t (y)',
  ],
};

const defaults: Record<Engine, unknown[]> = {
  sqlite: [
    ['x', true, undefined],
    ['y', true, "'d'"],
  ],
  postgres: [
    ['x', true, undefined],
    ['y', true, "'d'::text"],
  ],
  mariadb: [
    ['x', true, undefined],
    ['y', true, "'d'"],
    ['z', true, undefined],
  ],
};

const special: Record<Engine, IntrospectedConstraint[]> = {
  sqlite: [
    { name: undefined, kind: 'check', columns: [], definition: '( x > 0 or y is null )' },
    {
      name: undefined,
      kind: 'foreign',
      columns: ['x', 'x'],
      references: { table: 'o', columns: ['b', 'a'] },
      rules: '',
      deferred: false,
    },
    { name: 'i1', kind: 'index', columns: [], definition: '( lower ( y ) ) where x > 1' },
    { name: 'i3', kind: 'index', columns: ['y', 'x'] },
    { name: 'i2', kind: 'unique', columns: ['x', 'y'], definition: '( x desc , y )' },
  ],
  postgres: [
    { name: 't_check', kind: 'check', columns: ['x', 'y'], definition: 'x > 0 OR y IS NULL' },
    {
      name: 't_x_x_fkey',
      kind: 'foreign',
      columns: ['x', 'x'],
      references: { table: 'o', columns: ['b', 'a'] },
      rules: '',
      deferred: false,
    },
    { name: 'i1', kind: 'index', columns: [], definition: '(lower(y)) WHERE x > 1' },
    { name: 'i3', kind: 'index', columns: ['y', 'x'] },
    { name: 'i2', kind: 'unique', columns: ['x', 'y'], definition: '(x DESC, y)' },
  ],
  mariadb: [
    { name: 'CONSTRAINT_1', kind: 'check', columns: ['x', 'y'], definition: 'x > 0 or y is null' },
    {
      name: 'x_o',
      kind: 'foreign',
      columns: ['x', 'z'],
      references: { table: 'o', columns: ['b', 'a'] },
      rules: '',
    },
    { name: 'i1', kind: 'index', columns: ['y'], definition: '(y(3))' },
    { name: 'i3', kind: 'index', columns: ['y', 'x'] },
    { name: 'i4', kind: 'index', columns: ['y'], definition: 'USING FULLTEXT (y)' },
    { name: 'x_o', kind: 'index', columns: ['x', 'z'] },
    { name: 'i2', kind: 'unique', columns: ['x', 'y'], definition: '(x DESC, y)' },
  ],
};
