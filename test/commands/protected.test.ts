import { afterEach, beforeEach, expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine, { from: 'sample' });
  });
  afterEach(() => db.drop());

  test('every command that destroys refuses on a protected database, and names what allows it', async () => {
    const config = {
      apps: 'introspect',
      secretKey: 'a secret key of the tests, long enough',
      databases: { default: { url: 'sqlite::memory:' }, live: { url: db.url, protected: true } },
    } as const;
    const tables = ['auth_user', 'auth_permission', 'django_content_type', 'django_session', 'blogapp_post'];
    const rows = () => Promise.all(tables.map((table) => db.query(`SELECT count(*) AS n FROM ${table}`)));
    const before = await rows();
    const lines = [
      'flush',
      'flush sessions --cascade',
      'clear_models sessions',
      'reset_db',
      'reset_db --close-sessions',
      'populate_db',
      'populate_db --only tags',
      'remove_stale_contenttypes --include-stale-apps',
      'revokesessions --all',
      'loaddata empty',
      'loaddata empty --sync',
      'migrate sessions zero',
      'sqlsequencereset auth --apply',
    ];
    for (const line of lines) {
      const words = line.split(' ');
      const noInput = words[0] === 'loaddata' && !words.includes('--sync') ? [] : ['--no-input'];
      const cwd = temporaryFolder({ 'empty.json': '[]', 'seeds/tags.mjs': 'export const seed = async () => {};' });
      for (const wrong of [[], ['--allow-protected', 'default']]) {
        const args = [...words, ...noInput, '--database', 'live', ...wrong];
        const { exitCode, stdout, stderr } = await manage(args, { cwd, config });
        expect({ args, exitCode, stdout }).toEqual({ args, exitCode: 1, stdout: '' });
        expect(stderr).toMatch(/^CommandError: The database 'live' \(.*\) is protected\.$/m);
        expect(stderr).toContain('add --allow-protected live.');
      }
    }
    expect(await rows()).toEqual(before);
  });
});
