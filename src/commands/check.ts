import { defineCommand } from '../command.js';
import { type Level, levels } from '../schema/checks/finding.js';
import { checkTags, runChecks } from '../schema/checks/run.js';
import { remediedFinding } from '../ui/finding-remedies.js';
import { sayFindings, sayZone } from './reports/check.js';
import { assertKnown, openAll } from './shared/schema/checked-databases.js';

export default defineCommand({
  describe: 'Check settings, models, migrations and databases for problems.',
  positionals: { appLabel: { variadic: true, describe: 'Check only the models and tables of these apps.' } },
  options: {
    database: { type: 'list', choices: 'databases', placeholder: 'ALIAS', describe: 'Check only this database.' },
    deploy: { type: 'boolean', describe: 'Also run the deployment checks.' },
    failLevel: {
      type: 'string',
      choices: levels,
      default: 'ERROR',
      placeholder: 'LEVEL',
      describe: 'Exit with 1 for findings of this level and above.',
    },
    tag: { type: 'list', short: 't', placeholder: 'TAG', describe: 'Run only the checks of this tag.' },
    listTags: { type: 'boolean', describe: 'List the available tags.' },
  },
  examples: [['manage check --deploy --fail-level WARNING', 'Check a site that is in use, in a script.']],
  async run(context, { appLabel, database, deploy, failLevel, tag, listTags }) {
    const { settings, registry, terminal } = context;
    const known = checkTags({ deploy: true });
    if (listTags) {
      for (const name of checkTags({ deploy })) terminal.say(name);
      return { json: { tags: checkTags({ deploy }) } };
    }
    const labels = registry.apps.map(({ label }) => label);
    assertKnown(appLabel, labels, (label) => `No installed app with label '${label}'.`);
    assertKnown(tag, known, (name) => `There is no system check with the "${name}" tag.`);

    const databases = await openAll(context, database.length > 0 ? database : Object.keys(settings.databases));
    // Models that were found in a database are what it has: only those that are declared can be otherwise.
    const found = databases.find(({ connection }) => connection !== undefined && connection.registry !== registry);
    const named = appLabel.length > 0 ? appLabel : found === undefined ? undefined : labels;
    const apps = named === undefined ? undefined : new Set(named);
    const models = found?.connection?.registry ?? registry;
    const checked = { settings, registry: models, databases, apps, allRows: appLabel.length === 0 };
    const findings = (await runChecks(checked, { deploy, tags: tag })).map(remediedFinding);
    const shown = databases.flatMap(({ alias, connection }) =>
      connection === undefined
        ? []
        : [{ alias, target: connection.target, timeZone: connection.dialect.timestampZone ?? null }],
    );
    for (const { connection } of databases) {
      if (connection !== undefined) await sayZone(terminal, connection, settings.useTz);
    }
    sayFindings(terminal, findings);
    const fails = findings.some(({ level }) => levels.indexOf(level) <= levels.indexOf(failLevel as Level));
    return { json: { databases: shown, findings, silenced: 0 }, exitCode: fails ? 1 : 0 };
  },
});
