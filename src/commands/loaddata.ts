import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import type { FixtureSource } from '../fixtures/find.js';
import type { Difference, OnConflict } from '../fixtures/load/comparison.js';
import { counted } from '../text.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './_destructive.js';
import { database } from './_options.js';

export default defineCommand({
  describe: 'Install the named fixtures in the database.',
  positionals: {
    fixtures: { required: true, variadic: true, describe: 'Names or paths of fixtures; - is standard input.' },
  },
  options: {
    ...database,
    app: { type: 'string', placeholder: 'APP_LABEL', describe: 'Only search the fixtures of this app.' },
    ignorenonexistent: {
      type: 'boolean',
      short: 'i',
      describe: 'Pass over models and fields of the fixtures that there are not.',
    },
    exclude: { type: 'list', short: 'e', describe: 'An app or a model to leave out.' },
    ...destructive,
    onConflict: {
      type: 'string',
      choices: ['update', 'skip', 'error'],
      default: 'update',
      describe: 'What becomes of rows that are there already.',
    },
    diff: { type: 'boolean', describe: 'Show each field that changes.' },
    sync: { type: 'boolean', describe: "Delete rows of the fixtures' models that no fixture names, after asking." },
    remap: {
      type: 'boolean',
      describe: 'Find content types and permissions by what they are, whatever keys the fixtures have for them.',
    },
    format: { type: 'string', describe: 'Format of standard input: json, jsonl, xml or yaml.' },
  },
  examples: [
    ['manage loaddata auth.json.gz', 'load users, groups and permissions'],
    ['manage dumpdata auth --database old | manage loaddata - --format json', 'copy them from one database to another'],
  ],
  async run({ connect, terminal, settings, signal, cwd, now, stdin }, args) {
    const [{ createFinder }, { loadFixtures }, { excludedModels }, { stdinSource }] = await Promise.all([
      import('../fixtures/find.js'),
      import('../fixtures/load-fixtures.js'),
      import('../fixtures/order.js'),
      import('../fixtures/stdin.js'),
    ]);
    if (args.fixtures.includes('-') && args.format === undefined) {
      throw new UsageError('--format must be specified when reading from stdin.', { hint: 'Add --format json.' });
    }
    const connection = await connect(args.database);
    assertAllowed(connection, args.allowProtected);
    const { registry } = connection;
    const onConflict = conflictOf(args.onConflict);
    const finder = await createFinder({
      registry,
      settings,
      cwd: cwd(),
      database: args.database,
      app: args.app,
      onFolder: (folder) => terminal.say(`Checking '${folder}' for fixtures...`, 2),
    });
    const input = args.fixtures.includes('-') ? await stdinSource(stdin, args.format ?? '') : undefined;
    try {
      const sources: FixtureSource[] = [];
      for (const label of args.fixtures) {
        terminal.say(`Loading '${label}' fixtures...`, 2);
        sources.push(...(label === '-' && input !== undefined ? [input] : await finder.find(label)));
      }
      const run = async (dryRun: boolean) => {
        const progress = terminal.progress('Loading objects:');
        const differences: Difference[] = [];
        const show = (each: Difference) => {
          differences.push(each);
          terminal.say(differenceText(each));
        };
        try {
          const result = await loadFixtures(connection, settings, {
            sources,
            excluded: excludedModels(registry, args.exclude),
            ignoreUnknown: args.ignorenonexistent,
            now: now(),
            signal,
            onConflict,
            dryRun,
            onDifference: args.diff && dryRun === args.dryRun ? show : undefined,
            sync: args.sync,
            remap: args.remap,
            onSource: ({ name, format }) => terminal.say(`Installing ${format} fixture '${name}'.`, 2),
            onProgress: (count) => progress.update(count),
          });
          return { result, differences };
        } finally {
          progress.stop();
        }
      };
      if (args.sync && !args.dryRun) {
        const { deleted } = (await run(true)).result;
        const lines = [
          `Loading into ${placeOf(connection)} will delete what the fixtures do not name:`,
          ...deleted.map(({ model, rows }) => `  ${counted(rows, 'row')} of ${model}`),
        ];
        const asked = { noInput: args.noInput, lines, cancelled: 'Nothing was loaded.' };
        if (deleted.length > 0 && !(await confirmDestruction(terminal, asked))) return undefined;
      }
      const { result, differences } = await run(args.dryRun);
      for (const name of result.empty) {
        terminal.warn(`No fixture data found for '${name}'. (The file format may be invalid.)`);
      }
      const { objects, read: found, fixtures, counts, deleted } = result;
      if (counts !== undefined) {
        const would = args.dryRun ? 'Would insert' : 'Inserted';
        terminal.say(`${would} ${counts.inserted}, change ${counts.changed} and leave ${counts.left} object(s).`);
      }
      for (const { model, rows } of deleted) {
        terminal.say(`${args.dryRun ? 'Would delete' : 'Deleted'} ${counted(rows, 'row')} of ${model}.`);
      }
      const of = found === objects ? '' : ` (of ${found})`;
      if (!args.dryRun) terminal.say(`Installed ${objects} object(s)${of} from ${fixtures} fixture(s)`);
      return {
        json: {
          objects,
          read: found,
          fixtures,
          dryRun: args.dryRun,
          ...(counts === undefined ? {} : { counts }),
          ...(args.sync ? { deleted } : {}),
          ...(args.diff ? { differences } : {}),
        },
      };
    } finally {
      await input?.close();
    }
  },
});

const conflictOf = (text: string): OnConflict => (text === 'skip' || text === 'error' ? text : 'update');

function differenceText({ model, pk, field, before, after }: Difference): string {
  const shown = (value: Difference['after']) =>
    value instanceof Uint8Array ? `${value.length} bytes` : JSON.stringify(value);
  const old = before === undefined ? '(new)' : shown(before);
  return `${model} ${String(pk)} ${field}: ${old} -> ${shown(after)}`;
}
