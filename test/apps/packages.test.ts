import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CredentialApp } from '../../src/apps/define.js';
import { loadKnownApps } from '../../src/apps/load.js';
import type { FieldDefinition } from '../../src/registry/types.js';
import { forEachEngine } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { type AppsSite, createAppsSite, now, secretKey } from './site.js';

const env = { SECRET_KEY: secretKey };

/** A column type that SQLite and PostgreSQL take. */
function columnType({ type, maxLength }: FieldDefinition): string {
  if (maxLength !== undefined) return `varchar(${maxLength})`;
  if (/Text|JSON/.test(type)) return 'text';
  if (type === 'BooleanField') return 'boolean';
  if (type === 'DateTimeField') return 'timestamp with time zone';
  if (type === 'UUIDField') return 'uuid';
  if (type === 'GenericIPAddressField') return 'inet';
  return /Big/.test(type) ? 'bigint' : 'integer';
}

/** The apps that have tables of their own. */
const loadApps = async () => (await loadKnownApps()).filter(({ app }) => Object.keys(app.models).length > 0);

const isReference = ({ type }: FieldDefinition) => type === 'ForeignKey' || type === 'OneToOneField';

/** Statements that make an app's tables as its newest known version has them, or as the oldest. */
function tablesOf({ app, optional = [] }: CredentialApp, version: 'newest' | 'oldest'): Map<string, string> {
  const left = new Set(version === 'oldest' ? optional : []);
  return new Map(
    Object.entries(app.models)
      .filter(([name]) => !left.has(name))
      .map(([name, model]) => {
        const table = model.table ?? `${app.label}_${name.toLowerCase()}`;
        const columns = Object.entries(model.fields)
          .filter(([field]) => !left.has(`${name}.${field}`))
          .map(([field, definition]) => {
            const column = definition.column ?? (isReference(definition) ? `${field}_id` : field);
            return `"${column}" ${columnType(definition)}${definition.primaryKey ? ' PRIMARY KEY' : ''}`;
          });
        return [table, `CREATE TABLE "${table}" (${columns.join(', ')})`];
      }),
  );
}

forEachEngine((engine) => {
  let db: AppsSite;
  const run = (args: readonly string[]) => manage(args, { db, env, now });
  const spelled = (sql: string) =>
    engine === 'mariadb'
      ? sql.replaceAll('timestamp with time zone', 'datetime(6)').replaceAll(' inet', ' char(39)')
      : sql;
  const remake = async (apps: readonly CredentialApp[], version: 'newest' | 'oldest') => {
    for (const each of apps) {
      for (const table of tablesOf(each, 'newest').keys()) {
        await db.query(`DROP TABLE IF EXISTS "${table}"${engine === 'postgres' ? ' CASCADE' : ''}`);
      }
      for (const statement of tablesOf(each, version).values()) await db.query(spelled(statement));
    }
  };
  beforeEach(async () => {
    db = await createAppsSite(engine);
  });
  afterEach(() => db.drop());

  test.each(['newest', 'oldest'] as const)('the %s version of every package is known, and works', async (version) => {
    const apps = await loadApps();
    await remake(apps, version);
    const { json, stderr } = await run(['credentials', 'alice', '--json']);
    expect(stderr).toBe('');
    expect(json.unknown).toEqual([]);
    const dump = await run(['dumpdata', ...apps.map(({ app }) => app.label)]);
    expect([dump.exitCode, dump.stdout.trim(), dump.stderr]).toEqual([0, '[]', '']);
    const offboarded = await run(['offboard', 'alice', '--second-factors', '--social', '--no-input', '--json']);
    expect(offboarded.json).toMatchObject({ deactivated: ['alice'], ended: [] });
    const pruned = await run(['prune', '--refresh-age', '60', '--json']);
    expect(pruned.json).toMatchObject({ rows: 0, unknown: [] });
  });

  test('a column that no version has makes an app unknown, and only that one', async () => {
    const apps = await loadApps();
    await remake(apps, 'newest');
    const labels: string[] = [];
    for (const { app, package: name } of apps) {
      const [table = ''] = [...tablesOf({ app, package: name }, 'newest').keys()];
      await db.query(`ALTER TABLE "${table}" ADD COLUMN stranger integer`);
      labels.push(app.label);
    }
    const { json } = await run(['credentials', 'alice', '--json']);
    expect(json.unknown.map(({ app }: { app: string }) => app).toSorted()).toEqual(labels.toSorted());
    expect(json.unknown[0].reason).toContain("has the column 'stranger'");
    expect(json.credentials).toMatchObject([{ kind: 'password' }]);
  });

  test.each([
    [25, 15, (token: string) => Buffer.from(token)],
    [8, 8, (token: string) => Buffer.from(token, 'hex')],
  ] as const)(
    'a token of knox is kept as the version with a key of %i characters keeps it',
    async (length, shown, bytes) => {
      const knox = (await loadApps()).filter(({ app }) => app.label === 'knox');
      await remake(knox, 'oldest');
      await db.query('DROP TABLE knox_authtoken');
      await db.query(
        spelled(
          `CREATE TABLE knox_authtoken (digest varchar(128) PRIMARY KEY, token_key varchar(${length}), user_id integer, created timestamp with time zone, expiry timestamp with time zone)`,
        ),
      );
      const { json } = await run(['createtoken', 'alice', '--kind', 'knox', '--age', '60', '--json']);
      expect(json.token).toMatch(/^[0-9a-f]{64}$/);
      expect(await db.query('SELECT digest, token_key, user_id FROM knox_authtoken')).toEqual([
        {
          digest: createHash('sha512').update(bytes(json.token)).digest('hex'),
          token_key: json.token.slice(0, shown),
          user_id: 1,
        },
      ]);
      const decoded = await run(['decode_token', json.token, '--json']);
      expect(decoded.json).toMatchObject({
        kind: 'knox',
        accepted: true,
        user: { username: 'alice' },
        expires: '2026-11-26T12:01:00+00:00',
      });
      const { stdout } = await run(['credentials', 'alice', '--json']);
      expect(stdout).not.toContain(json.token.slice(0, 15));
      await run(['revoketokens', '--kind', 'knox', '--no-input']);
      expect(await db.count('knox_authtoken')).toBe(0);
    },
  );

  test('sessions that have a column for their user are found and ended by it', async () => {
    const own = (await loadKnownApps()).filter(({ app }) => ['user_sessions', 'qsessions'].includes(app.label));
    await remake(own, 'newest');
    const row = {
      session_key: 'k'.repeat(32),
      session_data: 'secret',
      expire_date: '2026-12-01 00:00:00+00:00',
      ip: '203.0.113.7',
      user_agent: 'Firefox',
    };
    await db.add('user_sessions_session', { ...row, user_id: 1, last_activity: '2026-11-25 00:00:00+00:00' });
    await db.add('qsessions_session', { ...row, user_id: 2, updated_at: '2026-11-25 00:00:00+00:00' });
    const { json } = await run(['credentials', 'alice', '--json']);
    expect(json.credentials).toContainEqual(
      expect.objectContaining({
        kind: 'session',
        group: 'session',
        live: true,
        app: 'user_sessions',
        lastUsed: '2026-11-25T00:00:00+00:00',
      }),
    );
    await run(['offboard', 'alice', '--no-input']);
    expect([await db.count('user_sessions_session'), await db.count('qsessions_session')]).toEqual([0, 1]);
  });

  test('an API key is nobody’s, recognised by its text, and revoked for ever', async () => {
    const key = `abcdefgh.${'x'.repeat(32)}`;
    const hashed = `sha512$$${createHash('sha512').update(key).digest('hex')}`;
    await db.add('rest_framework_api_key_apikey', {
      id: `abcdefgh.${hashed.slice(0, 100)}`,
      prefix: 'abcdefgh',
      hashed_key: hashed,
      created: '2026-01-01 00:00:00+00:00',
      name: 'backup',
      revoked: false,
    });
    const decoded = await run(['decode_token', key, '--json']);
    expect(decoded.json).toMatchObject({ kind: 'api_key', accepted: true, user: null });
    await run(['revoketokens', '--kind', 'api_key', '--no-input']);
    expect((await run(['decode_token', key, '--json'])).json).toMatchObject({
      accepted: false,
      reasons: ['It is revoked.'],
    });
  });

  test('histories of rows leave in no anonymised fixture', async () => {
    await db.query(
      spelled(
        'CREATE TABLE auth_historicaluser (history_id integer PRIMARY KEY, id integer, password varchar(128), history_date timestamp with time zone, history_type varchar(1), history_user_id integer)',
      ),
    );
    await db.query(
      "INSERT INTO auth_historicaluser (history_id, id, password, history_type) VALUES (1, 1, 'secret', '~')",
    );
    const whole = await run(['dumpdata', '--introspect']);
    expect(whole.stdout).toContain('secret');
    const { stdout, exitCode } = await run(['dumpdata', '--introspect', '--anonymize']);
    expect(exitCode).toBe(0);
    expect(stdout).not.toContain('secret');
  });
});
