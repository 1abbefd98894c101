import { loadMigrations, migrationSources, strayMigrationFolders } from '../../db/migrations/load.js';
import { planSteps } from '../../db/migrations/plan.js';
import { CommandError } from '../../errors.js';
import { readMigratable } from '../migration-state.js';
import { type Check, type CheckContext, type Finding, finding } from './finding.js';

async function pending({ settings, databases, apps }: CheckContext): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { alias, connection } of databases) {
    if (connection === undefined) continue;
    try {
      const state = await readMigratable(connection, settings);
      const targets = state.apps.migrated.filter((app) => apps?.has(app) ?? true);
      const steps = planSteps(state, { kind: 'all', apps: targets });
      if (steps.length > 0) {
        const names = [...new Set(steps.map(({ migration }) => migration.app))].toSorted().join(', ');
        const what = `There are ${steps.length} unapplied migration(s) for app(s) ${names} in the database '${alias}'.`;
        findings.push(finding('W001', `databases.${alias}`, what, 'Apply them.'));
      }
      for (const key of state.recorded.keys()) {
        const app = key.slice(0, key.indexOf('.'));
        if (!targets.includes(app) || state.migrations.has(key)) continue;
        const what = `The migration ${key} is applied to the database '${alias}', and does not exist here.`;
        findings.push(finding('W002', key, what, 'A newer version may have made it.'));
      }
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      findings.push(finding('E002', `databases.${alias}`, error.message, error.hint));
    }
  }
  return findings;
}

export const migrations: Check = {
  tag: 'migrations',
  async run(context) {
    const sources = migrationSources(context.settings);
    const stray = (await strayMigrationFolders(sources)).map((folder) =>
      finding(
        'W003',
        folder,
        'This folder of migrations belongs to no declared app.',
        'Declare the app with defineApp.',
      ),
    );
    // A file that cannot be loaded would be found once for every database.
    const broken = await loadMigrations(sources).then(
      () => undefined,
      (error: unknown) => error,
    );
    if (broken === undefined) return [...stray, ...(await pending(context))];
    if (!(broken instanceof CommandError)) throw broken;
    return [...stray, finding('E002', 'migrations', broken.message, broken.hint)];
  },
};
