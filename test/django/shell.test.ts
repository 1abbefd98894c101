import { expect, test } from 'vitest';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { temporaryFolder } from '../helpers/manage.js';
import { play } from '../helpers/play.js';

forEachEngine((engine) => {
  test('the shell answers at a terminal, goes on after errors, and ends with Ctrl-D', async () => {
    const db = await createDatabase(engine, { from: 'sample' });
    const { screen, status, hanging, restored } = await play(
      ['shell'],
      [
        { expect: '> ', send: "(await db('auth_group').count({ n: '*' }))[0].n + ' groups'\r" },
        { expect: "groups'", send: "throw new Error('no ' + 'luck')\r" },
        { expect: 'Uncaught Error: no luck', send: 'const model = registry.userModel\r' },
        { expect: 'undefined', send: 'model.label.toUpperCase()\r' },
        { expect: 'AUTH.USER', send: "await db('nope')\r" },
        { expect: 'nope', send: 'await new Promise(() => {})\r' },
        { expect: '{})\r\r\n', send: '\u0003' },
        { expect: 'SIGINT', send: '' },
        { expect: '> ', send: "'is ' + (await checkPassword('a', '!'))\r" },
        { expect: 'is false', send: '\u0004' },
      ],
      { cwd: temporaryFolder(), env: { DATABASE_URL: db.url } },
    );
    await db.drop();
    expect(screen).toContain('Known here: settings, registry, connection, db');
    expect(screen).toMatch(/\d+ groups/);
    expect({ status, hanging, restored }).toEqual({ status: 0, hanging: false, restored: true });
  });
});
