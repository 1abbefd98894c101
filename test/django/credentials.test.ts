import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { addConfigCommand, dumps } from './manage-config.js';

const secretKey = 'oracle-secret-key-0123456789abcdefghijklmnopqrstuvwxyz';
const env = { SECRET_KEY: secretKey };

interface Held {
  readonly password: string | null;
  readonly sessions: readonly { readonly key: string; readonly live: boolean }[];
  readonly tokens: {
    readonly authtoken?: string;
    readonly jwt?: readonly { readonly refresh: string; readonly access: string; readonly state: string }[];
    readonly oauth2?: readonly { readonly access: string; readonly state: string }[];
    readonly socialaccount?: string;
    readonly social_auth?: string;
  };
  readonly second_factors: readonly string[];
}
interface Shown {
  readonly kind: string;
  readonly group: string;
  readonly app: string;
  readonly state: string;
  readonly live: boolean;
  readonly name: string | null;
}

forEachEngine((engine) => {
  let db: TestDatabase;
  let folder: string;
  let held: Record<string, Held>;
  const run = (args: readonly string[], options: object = {}) => manage(args, { db, env, ...options });

  async function python(
    args: readonly string[],
    stdin = '',
    env: Readonly<Record<string, string>> = {},
  ): Promise<string> {
    const { target } = db.settings;
    const database = target.engine === 'sqlite' ? target.filename : db.url;
    const child = spawn(process.env.DJANGO_PYTHON ?? 'python3', args, {
      cwd: folder,
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', ORACLE_DB: database, ...env },
    });
    const [out, err]: [Buffer[], Buffer[]] = [[], []];
    child.stdout.on('data', (chunk) => out.push(chunk));
    child.stderr.on('data', (chunk) => err.push(chunk));
    child.stdin.end(stdin);
    const code = await new Promise((resolve) => child.on('close', resolve));
    if (code !== 0) throw new Error(`python ${args.join(' ')} ended with ${code}: ${Buffer.concat(err)}`);
    return Buffer.concat(out).toString();
  }
  const works = async () => JSON.parse(await python(['works.py'], JSON.stringify(held)));
  const names = () => Object.keys(held).filter((name) => name !== 'api_keys');
  const shown = async (name: string, more: readonly string[] = []): Promise<Shown[]> =>
    (await run(['credentials', name, '--json', ...more])).json.credentials;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'manage-apps-'));
    cpSync(join(import.meta.dirname, 'apps-site'), folder, { recursive: true });
    db = await createDatabase(engine);
    await python(['manage.py', 'migrate', '-v0']);
    held = JSON.parse(await python(['fill.py', '7', '12']));
  });
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await db.drop();
  });

  test('the config that Django writes of all these apps makes the same dumps', async () => {
    addConfigCommand(folder);
    const config = JSON.parse(await python(['manage.py', 'manage_config'], '', { MORE_APPS: 'tools' }));
    for (const args of dumps) {
      const precision = args.includes('--format' as never) ? [] : ['--precision', 'milliseconds'];
      const { stdout } = await run([...args, ...precision], { config });
      expect(stdout).toBe(await python(['manage.py', ...args]));
    }
    expect((await run(['remove_stale_contenttypes', '--dry-run', '--json'], { config })).json.stale).toEqual([]);
  });

  test('credentials of every user are what Django has made, and no secret is in them', async () => {
    const secrets = Object.values(held).flatMap(
      (it) => JSON.stringify(it).match(/ey[\w.-]{40,}|[0-9a-f]{40}|access-[\w-]+|"[a-z0-9]{32}"/g) ?? [],
    );
    expect(secrets.length).toBeGreaterThan(30);
    for (const name of names()) {
      const it = held[name];
      if (it === undefined) continue;
      const { json, stdout, stderr } = await run(['credentials', name, '--json']);
      const found: Shown[] = json.credentials;
      const of = (kind: string) => found.filter((each) => each.kind === kind);
      const sorted = (values: readonly unknown[] = []) => values.map(String).toSorted();
      expect({
        name,
        unknown: json.unknown,
        sessions: sorted(of('session').map(({ live }) => live)),
        authtoken: of('authtoken').length,
        jwt: sorted(of('jwt').map(({ state }) => state)),
        oauth2: sorted(of('oauth2_access').map(({ live }) => live)),
        refresh: sorted(of('oauth2_refresh').map(({ live }) => live)),
        social: sorted(of('social').map((each) => each.name?.split(' ')[0])),
        factors: sorted(
          found
            .filter(({ group }) => group === 'second_factor')
            .map(({ app, kind }) => (app === 'mfa' ? `mfa ${kind}` : kind)),
        ),
        password: of('password').map(({ live }) => live),
      }).toEqual({
        name,
        unknown: [],
        sessions: sorted(it.sessions.map(({ live }) => live)),
        authtoken: it.tokens.authtoken === undefined ? 0 : 1,
        jwt: sorted(it.tokens.jwt?.map(({ state }) => state)),
        oauth2: sorted(it.tokens.oauth2?.map(({ state }) => state === 'live')),
        refresh: sorted(it.tokens.oauth2?.map(({ state }) => state !== 'revoked')),
        social: sorted([it.tokens.socialaccount, it.tokens.social_auth].filter((each) => each !== undefined)),
        factors: sorted(it.second_factors),
        password: [it.password !== null],
      });
      for (const secret of secrets) expect(stdout + stderr).not.toContain(secret.replaceAll('"', ''));
    }
    const { stdout } = await run(['dumpdata', '--anonymize']);
    for (const secret of secrets) expect(stdout).not.toContain(secret.replaceAll('"', ''));
  });

  test('what prune would delete is what the commands of the packages delete', async () => {
    const { json } = await run(['prune', '--dry-run', '--json']);
    const parts: { part: string; table: string; rows: number }[] = json.parts;
    const count = async (table: string) => Number((await db.query(`SELECT COUNT(*) AS n FROM ${table}`))[0]?.n);
    const wanted = parts.filter(({ part }) => part !== 'emailconfirmations');
    const before = new Map<string, number>();
    for (const { table } of wanted) before.set(table, await count(table));
    expect(wanted.filter(({ rows }) => rows > 0).length).toBeGreaterThan(4);
    for (const command of [
      'clearsessions',
      'flushexpiredtokens',
      'cleartokens',
      'clearsocial',
      'axes_reset_logs',
      'axes_reset_failure_logs',
      'clean_orphan_obj_perms',
    ]) {
      await python(['manage.py', command]);
    }
    for (const { table, rows } of wanted) {
      expect({ table, deleted: (before.get(table) ?? 0) - (await count(table)) }).toEqual({ table, deleted: rows });
    }
    const after = await run(['prune', '--dry-run', '--json']);
    expect(
      after.json.parts.filter(
        ({ part, rows }: { part: string; rows: number }) => part !== 'emailconfirmations' && rows > 0,
      ),
    ).toEqual([]);
  });

  test.each(['HS256', 'RS256', 'ES256', 'EdDSA'])(
    'tokens of %s made by each side are accepted by the other',
    async (algorithm) => {
      const { keys } = JSON.parse(readFileSync(join(import.meta.dirname, '../data/vectors/tokens.json'), 'utf8'));
      const options =
        algorithm === 'HS256' ? {} : { config: { tokens: { algorithm, keys: [keys[algorithm].private] } } };
      const made = async (...args: string[]) => (await run(['createtoken', 'person1', ...args], options)).stdout.trim();
      const given = {
        algorithm,
        ...keys[algorithm],
        access: await made('--claim', 'name=Ünï'),
        refresh: await made('--type', 'refresh'),
      };
      const { answers, payload, back } = JSON.parse(await python(['tokens.py'], JSON.stringify(given)));
      expect(answers).toEqual({ api: 200, refresh: 200, verify: 200, wrong: 401 });
      expect(payload).toMatchObject({ token_type: 'access', name: 'Ünï' });
      for (const token of back) {
        const decoded = await run(['decode_token', token, '--json'], options);
        expect(decoded.json).toMatchObject({ kind: 'jwt', accepted: true, keyIndex: 0, user: { username: 'person1' } });
      }
    },
  );

  test('after offboard nothing of it works at the site, and all of the others does', async () => {
    const before = await works();
    const holdsMost = (name: string) => JSON.stringify(before[name]).match(/true/g)?.length ?? 0;
    const [victim = ''] = names().toSorted((a, b) => holdsMost(b) - holdsMost(a));
    expect(holdsMost(victim)).toBeGreaterThan(4);
    const others = names().filter((name) => name !== victim);
    const held = await Promise.all(others.map((name) => shown(name)));
    const rows = JSON.parse(await python(['others.py', victim]));
    const { exitCode, json } = await run([
      'offboard',
      victim,
      '--second-factors',
      '--social',
      '--force',
      '--no-input',
      '--json',
    ]);
    expect([exitCode, json.deactivated]).toEqual([0, [victim]]);
    const left = JSON.parse(await python(['others.py', victim]));
    expect(left.own).not.toBe(rows.own);
    expect(left.others).toEqual(rows.others);
    const after = await works();
    expect(JSON.stringify(after[victim])).not.toContain('true');
    expect(
      (await shown(victim, ['--live'])).filter(({ group }) => group !== 'password' && group !== 'application'),
    ).toEqual([]);
    // The logins that were tried have made sessions and entries of their own, which are no part of it.
    const same = (each: Shown) => each.group !== 'session' && each.group !== 'password';
    const now = await Promise.all(others.map((name) => shown(name)));
    expect(now.map((each) => each.filter(same))).toEqual(held.map((each) => each.filter(same)));
    for (const name of others) {
      const { refresh: _, ...rest } = before[name];
      expect(after[name]).toMatchObject(rest);
    }
  });
});
