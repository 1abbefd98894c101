import { defineCommand, type Terminal } from '../command.js';
import { UsageError } from '../errors.js';
import type { Difference, OnConflict } from '../fixtures/load/comparison.js';
import type { LoadOptions, LoadResult } from '../fixtures/load/load-fixtures.js';
import type { DeletedRow } from '../fixtures/load/sync-deletions.js';
import { counted, printable } from '../text.js';
import { assertAllowed, confirmDestruction, destructive, placeOf } from './shared/destructive.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Install the named fixtures in the database.',
  positionals: {
    fixtures: { required: true, variadic: true, describe: 'Names or paths of fixtures; - is standard input.' },
  },
  options: {
    ...database,
    app: { type: 'string', placeholder: 'APP_LABEL', describe: 'Search only the fixtures of this app.' },
    ignorenonexistent: {
      type: 'boolean',
      short: 'i',
      describe: 'Skip unknown models and fields, and permissions of unknown models.',
    },
    exclude: { type: 'list', short: 'e', describe: 'An app or a model to leave out.' },
    ...destructive,
    onConflict: {
      type: 'string',
      choices: ['update', 'skip', 'error'],
      default: 'update',
      describe: 'What to do with existing rows.',
    },
    diff: { type: 'boolean', describe: 'Show each changed field, and with --sync each deleted row.' },
    sync: { type: 'boolean', describe: "Delete rows of the fixtures' models that no fixture names." },
    remap: {
      type: 'boolean',
      describe: 'Match content types and permissions by name instead of by key.',
    },
    format: {
      type: 'string',
      describe: 'Format of standard input and of files without an extension: json, jsonl, xml or yaml.',
    },
  },
  examples: [
    ['manage loaddata auth.json.gz', 'load users, groups and permissions'],
    [
      'manage dumpdata auth contenttypes --database old | manage loaddata - --format json --remap',
      'copy them from one database to another',
    ],
  ],
  async run({ connect, terminal, settings, signal, cwd, now, stdin }, args) {
    const [{ loadFixtures }, { openFixtures }, { createSpool }] = await Promise.all([
      import('../fixtures/load/load-fixtures.js'),
      import('../fixtures/find/open-fixtures.js'),
      import('../fixtures/dump/output.js'),
    ]);
    const { dryRun, sync, app, format } = args;
    if (args.fixtures.includes('-') && format === undefined) {
      throw new UsageError('--format must be specified when reading from stdin.', { hint: 'Add --format json.' });
    }
    const connection = await connect(args.database, { thirdParty: true, writes: true });
    if (!dryRun) assertAllowed(connection, args.allowProtected);
    const { sources, close } = await openFixtures(connection, settings, args.fixtures, {
      cwd: cwd(),
      app,
      stdin,
      format,
      signal,
      onLabel: (label) => terminal.say(`Loading '${label}' fixtures...`, 2),
      onFolder: (folder, files) => {
        terminal.say(`Checking '${folder}' for fixtures...`, 2);
        if (files.length === 0) terminal.say(`No such fixture in '${folder}'.`, 2);
      },
    });
    // Differences are shown when the load is over: no row is locked while their reader is slow.
    const shown = createSpool((text) => terminal.write(text));
    const differences: Difference[] = [];
    const show = (each: Difference) => {
      if (terminal.json) differences.push(each);
      else return shown.write(printable(differenceText(each)));
    };
    const gone: DeletedRow[] = [];
    const showGone = (row: DeletedRow) => {
      if (terminal.json) gone.push(row);
      else return shown.write(printable(`${row.model} ${String(row.pk)}: (deleted)\n`));
    };
    const load = async (options: Pick<LoadOptions, 'dryRun' | 'onDifference' | 'onDeleted'>) => {
      const progress = terminal.progress('Loading objects:');
      try {
        return await loadFixtures(connection, settings, {
          sources,
          exclude: args.exclude,
          ignoreUnknown: args.ignorenonexistent,
          now: now(),
          signal,
          onConflict: conflictOf(args.onConflict),
          sync,
          remap: args.remap,
          onSource: (source) => terminal.say(`Installing ${source.format} fixture '${source.name}'.`, 2),
          onSequences: () => terminal.say('Resetting sequences', 2),
          onProgress: (count) => progress.update(count),
          ...options,
        });
      } finally {
        progress.stop();
      }
    };
    try {
      if (sync && !dryRun) {
        const { deleted } = await load({ dryRun: true });
        const lines = [
          `Loading into ${placeOf(connection)} will delete what the fixtures do not name:`,
          ...deleted.map(({ model, rows }) => `  ${counted(rows, 'row')} of ${model}`),
        ];
        const asked = { noInput: args.noInput, lines, cancelled: 'Nothing was loaded.' };
        if (deleted.length > 0 && !(await confirmDestruction(terminal, asked))) {
          return { json: { objects: 0, cancelled: true } };
        }
      }
      const result = await load({ dryRun, ...(args.diff ? { onDifference: show, onDeleted: showGone } : {}) });
      await shown.finish();
      say(terminal, result, { dryRun, timeZone: settings.timeZone });
      const { objects, read, fixtures, counts, deleted } = result;
      return {
        json: {
          objects,
          read,
          fixtures,
          dryRun,
          ...(counts === undefined ? {} : { counts }),
          ...(sync ? { deleted } : {}),
          ...(args.diff ? { differences } : {}),
          ...(args.diff && sync ? { deletedRows: gone } : {}),
        },
      };
    } finally {
      await shown.discard();
      await close();
    }
  },
});

const conflictOf = (text: string): OnConflict => (text === 'skip' || text === 'error' ? text : 'update');

function say(
  terminal: Terminal,
  result: LoadResult,
  { dryRun, timeZone }: { readonly dryRun: boolean; readonly timeZone: string },
) {
  const { objects, read, fixtures, counts, deleted, empty, skipped, localTimes } = result;
  if (localTimes.length > 0) {
    terminal.warn(`Times without an offset were taken in the zone ${timeZone}: ${localTimes.join(', ')}.`);
  }
  if (skipped.length > 0) {
    terminal.warn(
      `Permissions and whatever else refers to content types of models that are not declared were passed over: ${skipped.join(', ')}.`,
    );
  }
  for (const name of empty) {
    terminal.warn(`No fixture data found for '${name}'. (The file format may be invalid.)`);
  }
  if (counts !== undefined) {
    const [insert, change, leave] = dryRun ? ['Would insert', 'change', 'leave'] : ['Inserted', 'changed', 'left'];
    terminal.say(`${insert} ${counts.inserted}, ${change} ${counts.changed} and ${leave} ${counts.left} object(s).`);
  }
  for (const { model, rows } of deleted) {
    terminal.say(`${dryRun ? 'Would delete' : 'Deleted'} ${counted(rows, 'row')} of ${model}.`);
  }
  terminal.say(`Processed ${counted(read, 'object')}.`, 3);
  const of = read === objects ? '' : ` (of ${read})`;
  if (!dryRun) terminal.say(`Installed ${objects} object(s)${of} from ${fixtures} fixture(s)`);
}

function differenceText({ model, pk, field, before, after }: Difference): string {
  const shown = (value: Difference['after']) =>
    value instanceof Uint8Array ? `${value.length} bytes` : JSON.stringify(value);
  const old = before === undefined ? '(new)' : shown(before);
  return `${model} ${String(pk)} ${field}: ${old} -> ${shown(after)}\n`;
}
