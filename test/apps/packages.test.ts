import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forEachEngine } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';
import { facts } from './holdings.js';
import { type AppsSite, createAppsSite, now, secretKey } from './site.js';
import { loadApps, remakeTables, tablesOf } from './tables.js';

const env = { SECRET_KEY: secretKey };

forEachEngine((engine) => {
  let db: AppsSite;
  const run = (args: readonly string[]) => manage(args, { db, env, now });
  beforeEach(async () => {
    db = await createAppsSite(engine);
  });
  afterEach(() => db.drop());

  test.each(['newest', 'oldest'] as const)('the %s version of every package is known, and works', async (version) => {
    const apps = await loadApps();
    await remakeTables(db, apps, version);
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
    await remakeTables(db, apps);
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

  test('every app has a file of facts for its folder', () => {
    const folders = readdirSync(join(import.meta.dirname, '../../src/apps'), { withFileTypes: true });
    expect([...facts.keys()].toSorted()).toEqual(
      folders
        .filter((each) => each.isDirectory())
        .map(({ name }) => name)
        .toSorted(),
    );
  });
});
