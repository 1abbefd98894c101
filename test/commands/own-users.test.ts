import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';
import { secretKey } from '../sessions/site.js';

const members = join(import.meta.dirname, '../../examples/members/manage.config.ts');
const env = { SECRET_KEY: secretKey };
/** An old hash of Django: nothing of this is about how long hashing takes. */
const hash = 'md5$salt$963e2232fa95666443f1ee9ffcdceda0';

/** A command line, what its document has (`exitCode` aside), and what stands on standard input. */
interface Step {
  readonly args: readonly string[];
  readonly json?: unknown;
  readonly exitCode?: number;
  readonly stdin?: string;
}

/** Every command about people and rights once; `at` makes addresses of nobody else. */
function stepsOf(at: (name: string) => string, folder: string, group: string): Step[] {
  const [ada, bea, cy] = [at('ada'), at('bea'), at('cy')];
  const [dan, eve, boss] = [at('dan'), at('eve'), at('boss')];
  const people = [ada, bea, cy, dan, eve, boss];
  const [access, undo] = [join(folder, 'access.yaml'), join(folder, `${group}.jsonl`)];
  const view = 'members.view_member';
  const named = (username: string) =>
    expect.objectContaining({ username, pk: expect.stringMatching(/^[0-9a-f-]{32,36}$/) });
  const having = (...of: unknown[]) => expect.arrayContaining(of);
  return [
    {
      args: ['importusers', '-'],
      stdin: `email,full_name,password_hash\n${people.map((each) => `${each},N. N.,${hash}\n`).join('')}`,
      json: { created: 6, algorithms: { md5: 6 } },
    },
    { args: ['edituser', boss, '--superuser'], json: { users: [named(boss)] } },
    { args: ['creategroup', group], json: { action: 'created', name: group } },
    {
      args: ['edituser', ada, '--field=full_name=Ada Lovelace', '--add-group', group, '--actor', boss],
      json: { users: [{ username: ada, changed: having('full_name', 'groups') }] },
    },
    { args: ['grant', view, '--user', bea, '--group', group], json: { permissions: [view] } },
    {
      args: ['showuser', ada],
      json: { username: ada, groups: [group], password: { algorithm: 'md5' }, fields: { full_name: 'Ada Lovelace' } },
    },
    { args: ['access', ada, view], json: { allowed: true } },
    { args: ['access', cy, view], json: { allowed: false }, exitCode: 1 },
    { args: ['whocan', view], json: { users: having(named(ada), named(bea), named(boss)) } },
    { args: ['diffaccess', ada, cy], json: { differences: [{ name: view }] } },
    { args: ['dumpaccess', '--members', '--output', access] },
    { args: ['applyaccess', access, '--check'], json: { drift: false } },
    { args: ['revoke', view, '--group', group, '--dry-run'], json: { dryRun: true, changes: [{ name: group }] } },
    { args: ['revoke', view, '--group', group], json: { changes: [{ name: group, permissions: [view] }] } },
    { args: ['applyaccess', access, '--check'], json: { drift: true, applied: false }, exitCode: 1 },
    { args: ['applyaccess', access], json: { applied: true, changes: [{ group }] } },
    {
      args: ['listlog', '--user', boss],
      json: { entries: [{ action: 'change', model: 'members.member', object: ada, user: expect.anything() }] },
    },
    {
      args: ['resetlink', ada, '--base-url', 'https://example.com'],
      json: { username: ada, url: expect.stringContaining('://example.com/') },
    },
    {
      args: ['exportuser', ada],
      json: { user: named(ada), tables: having(expect.objectContaining({ table: 'members_member' })) },
    },
    { args: ['credentials', ada], json: { user: named(ada), credentials: expect.any(Array) } },
    { args: ['offboard', ada, '--dry-run'], json: { dryRun: true, users: [{ user: named(ada), deactivate: true }] } },
    { args: ['auditpasswords'], json: { groups: having(expect.objectContaining({ algorithm: 'md5' })) } },
    { args: ['auditpasswords', '--wrap', '--dry-run'], json: { dryRun: true } },
    { args: ['doctor', '--fail-level', 'CRITICAL'], json: { findings: expect.any(Array) } },
    { args: ['mergeusers', ada, bea, '--dry-run'], json: { dryRun: true, keep: expect.anything() } },
    { args: ['mergeusers', ada, bea, '--undo-file', undo, '--no-input'], json: { merged: expect.anything() } },
    { args: ['showuser', bea], exitCode: 1 },
    { args: ['mergeusers', '--undo', undo, '--no-input'], json: { undone: true } },
    { args: ['access', bea, view], json: { allowed: true } },
    { args: ['eraseuser', cy, '--dry-run'], json: { dryRun: true, erased: false } },
    { args: ['eraseuser', cy, '--no-input'], json: { erased: true, username: expect.not.stringContaining(cy) } },
    {
      args: ['deleteuser', ada, '--dry-run'],
      json: { dryRun: true, tables: having(expect.objectContaining({ name: 'members_member', rows: 1 })) },
    },
    { args: ['deleteuser', ada, dan, '--no-input'], json: { deleted: [ada, dan] } },
    { args: ['deleteuser', boss, '--reassign-to', eve, '--force', '--no-input'], json: { deleted: [boss] } },
    { args: ['deletegroup', group, '--no-input'], json: { deleted: true } },
    { args: ['listusers'], json: { users: having(expect.objectContaining({ email: eve })) } },
  ];
}

forEachEngine((engine) => {
  test('every command about people and rights knows users by their address, declared or introspected', async () => {
    const db = await createDatabase(engine);
    const folder = temporaryFolder();
    const ways = { declared: ['--config', members], introspected: ['--introspect'] };
    expect((await manage(['migrate', '-v0', ...ways.declared], { db, env })).exitCode).toBe(0);
    const wrong: unknown[] = [];
    for (const [way, flags] of Object.entries(ways)) {
      for (const { args, json = {}, exitCode = 0, stdin = '' } of stepsOf(
        (name) => `${name}.${way}@example.com`,
        folder,
        way,
      )) {
        const output = args.includes('--output');
        const result = await manage([...args, ...flags, ...(output ? [] : ['--json'])], { db, env, stdin });
        try {
          expect(result).toMatchObject({
            exitCode,
            ...(output || exitCode > 1 || result.json === undefined ? {} : { json }),
          });
        } catch (error) {
          wrong.push([way, ...args, result.exitCode, result.stderr, String(error).slice(0, 1500)]);
        }
      }
    }
    await db.drop();
    expect(wrong).toEqual([]);
  });
});
