import { introspectApps } from '../../db/introspection/apps.js';
import { CommandError } from '../../errors.js';
import { didYouMean } from '../../text.js';
import { type Check, finding } from './finding.js';

/** Whether the models that `overrides` names are in a database: a wrong label is of no effect, and nothing else says so. */
export const overrides: Check = {
  tag: 'models',
  async run({ settings, databases }) {
    const labels = Object.keys(settings.overrides);
    if (labels.length === 0) return [];
    const known: string[] = [];
    for (const { connection } of databases) {
      // In a database that cannot be seen there may be anything; another check says so.
      if (connection === undefined) return [];
      try {
        const { apps } = await introspectApps(connection, connection.db);
        known.push(
          ...apps.flatMap(({ label, models }) => Object.keys(models).map((name) => `${label}.${name}`.toLowerCase())),
        );
      } catch (error) {
        if (!(error instanceof CommandError)) throw error;
        return [];
      }
    }
    return labels
      .filter((label) => !known.includes(label))
      .map((label) => {
        const hint = didYouMean(label, known);
        return finding('W035', `overrides.${label}`, 'No database that was checked has such a model.', hint);
      });
  },
};
