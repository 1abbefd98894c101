import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { forEachEngine } from '../helpers/databases.js';
import { facts } from './holdings.js';
import { useAppsSite } from './site.js';
import { loadApps, remakeTables, tablesOf } from './tables.js';

forEachEngine((engine) => {
  const site = useAppsSite(engine);

  test.each(['newest', 'oldest'] as const)('the %s version of every package is known, and works', async (version) => {
    const apps = await loadApps();
    await remakeTables(site.db, apps, version);
    const { json, stderr } = await site.run(['credentials', 'alice', '--json']);
    expect(stderr).toBe('');
    expect(json.unknown).toEqual([]);
    const dump = await site.run(['dumpdata', ...apps.map(({ app }) => app.label)]);
    expect([dump.exitCode, dump.stdout.trim(), dump.stderr]).toEqual([0, '[]', '']);
    const offboarded = await site.run(['offboard', 'alice', '--second-factors', '--social', '--no-input', '--json']);
    expect(offboarded.json).toMatchObject({ deactivated: ['alice'], ended: [] });
    const pruned = await site.run(['prune', '--refresh-age', '60', '--json']);
    expect(pruned.json).toMatchObject({ rows: 0, unknown: [] });
  });

  test('a column that no version has makes an app unknown, and only that one', async () => {
    const apps = await loadApps();
    await remakeTables(site.db, apps);
    const labels: string[] = [];
    for (const { app, package: name } of apps) {
      const [table = ''] = [...tablesOf({ app, package: name }, 'newest').keys()];
      await site.db.query(`ALTER TABLE "${table}" ADD COLUMN stranger integer`);
      labels.push(app.label);
    }
    const { json } = await site.run(['credentials', 'alice', '--json']);
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
