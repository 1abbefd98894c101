import { type Context, defineCommand, type Terminal } from '../command.js';
import { CommandError } from '../errors.js';
import { type CheckedDatabase, type Finding, finding, type Level, levels } from '../schema/checks/finding.js';
import { checkTags, runChecks } from '../schema/checks/run.js';
import { counted, didYouMean, printable } from '../text.js';
import { remedied } from '../ui/remedies.js';

export default defineCommand({
  describe: 'Check settings, models, migrations and databases for problems.',
  positionals: { appLabel: { variadic: true, describe: 'Check only the models and tables of these apps.' } },
  options: {
    database: {
      type: 'list',
      choices: 'databases',
      placeholder: 'ALIAS',
      describe: 'Check only this database.',
    },
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

    const aliases = database.length > 0 ? database : Object.keys(settings.databases);
    const databases = await openAll(context, aliases);
    // Models that were found in a database are what it has: only those that are declared can be otherwise.
    const found = databases.find(({ connection }) => connection !== undefined && connection.registry !== registry);
    const named = appLabel.length > 0 ? appLabel : found === undefined ? undefined : labels;
    const apps = named === undefined ? undefined : new Set(named);
    const models = found?.connection?.registry ?? registry;
    const findings = await runChecks({ settings, registry: models, databases, apps }, { deploy, tags: tag });
    const shown = databases.flatMap(({ alias, connection }) =>
      connection === undefined
        ? []
        : [{ alias, target: connection.target, timeZone: connection.dialect.timestampZone ?? null }],
    );
    for (const { alias, timeZone } of shown) {
      if (timeZone !== null) sayZone(terminal, alias, timeZone, settings.useTz);
    }
    report(terminal, findings);
    const fails = findings.some(({ level }) => levels.indexOf(level) <= levels.indexOf(failLevel as Level));
    return { json: { databases: shown, findings, silenced: 0 }, exitCode: fails ? 1 : 0 };
  },
});

function assertKnown(given: readonly string[], known: readonly string[], sentence: (name: string) => string): void {
  const unknown = given.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const hint = didYouMean(unknown, known) ?? `Known are ${known.join(', ')}.`;
  throw new CommandError(sentence(unknown), { code: 'unknown_name', hint });
}

async function openAll({ connect }: Context, aliases: readonly string[]): Promise<CheckedDatabase[]> {
  const opened: CheckedDatabase[] = [];
  for (const alias of aliases) {
    try {
      opened.push({ alias, connection: await connect(alias), finding: undefined });
    } catch (error) {
      if (!(error instanceof CommandError) || error.exitCode !== 1) throw error;
      const found = finding('E001', `databases.${alias}`, error.message, remedied(error, 'check').hint);
      opened.push({ alias, connection: undefined, finding: found });
    }
  }
  return opened;
}

/** Nothing in the database says it: the same text means another moment where Django's USE_TZ is off. */
function sayZone({ note }: Terminal, alias: string, zone: string, useTz: boolean): void {
  const hint = useTz ? 'Set `useTz: false` if it is off there.' : 'Leave `useTz: false` out if it is on there.';
  note(
    `Timestamps in '${alias}' are taken to be in ${zone}, as Django with USE_TZ ${useTz ? 'on' : 'off'} has them. ${hint}`,
  );
}

function report({ say, style }: Terminal, findings: readonly Finding[]): void {
  if (findings.length > 0) say('System check identified some issues:\n');
  for (const level of levels) {
    const found = findings.filter((each) => each.level === level);
    if (found.length === 0) continue;
    const paint =
      level === 'CRITICAL' || level === 'ERROR' ? style.error : level === 'WARNING' ? style.warning : style.dim;
    say(`${level}S:`);
    for (const { object, id, message, hint } of found) {
      say(paint(printable(`${object}: (${id}) ${message}${hint === undefined ? '' : `\n\tHINT: ${hint}`}`)));
    }
    say('');
  }
  const count = findings.length === 0 ? 'no issues' : counted(findings.length, 'issue');
  say(`System check identified ${count} (0 silenced).`);
}
