import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { createDatabase, forEachEngine } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const page = readFileSync(join(import.meta.dirname, '../../docs/migrations.md'), 'utf8');

forEachEngine((engine) => {
  it('makes of the migration in the documentation the tables of its model', async () => {
    const [, name = '', text = ''] = /^\/\/ (migrations\/shop\/\S+)\n(.*?)^```/ms.exec(page) ?? [];
    const cwd = temporaryFolder({ [name]: text });
    const item = {
      fields: {
        name: { type: 'CharField', maxLength: 100, dbIndex: true },
        owner: { type: 'ForeignKey', to: 'auth.user' },
      },
    } as const;
    const config = { apps: [{ label: 'shop', models: { Item: item } }] };
    const db = await createDatabase(engine);
    const run = (...args: string[]) => manage(args, { db, cwd, config });
    expect((await run('migrate', 'shop', '--json')).json.applied.at(-1)).toBe('shop.0001_initial');
    expect((await run('check', '--tag', 'schema', 'shop')).stdout).toContain('no issues');
    expect((await run('migrate', 'shop', 'zero', '--no-input', '--json')).json.undone).toEqual(['shop.0001_initial']);
    await db.drop();
  });
});
