import type { Context, Terminal } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import type { OnConflict } from '../../../fixtures/load/comparison.js';
import type { LoadOptions, LoadResult } from '../../../fixtures/load/load-fixtures.js';
import { counted } from '../../../text.js';
import { confirmDestruction, placeOf } from '../destructive.js';

/** Which records are loaded, and what becomes of rows that are there. */
export const loadOptions = {
  app: { type: 'string', placeholder: 'APP_LABEL', describe: 'Search only the fixtures of this app.' },
  ignorenonexistent: {
    type: 'boolean',
    short: 'i',
    describe: 'Skip unknown models and fields, and permissions of unknown models.',
  },
  exclude: { type: 'list', short: 'e', describe: 'An app or a model to leave out.' },
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
} as const;

interface LoadArguments {
  readonly fixtures: readonly string[];
  readonly app: string | undefined;
  readonly format: string | undefined;
  readonly exclude: readonly string[];
  readonly ignorenonexistent: boolean;
  readonly onConflict: string;
  readonly sync: boolean;
  readonly remap: boolean;
}

/** Fixtures that were found: they can be loaded more than once, as with `--sync`, which shows first what it deletes. */
export interface OpenLoad {
  load(options: Pick<LoadOptions, 'dryRun' | 'onDifference' | 'onDeleted' | 'onRestart'>): Promise<LoadResult>;
  close(): Promise<void>;
}

const conflictOf = (text: string): OnConflict => (text === 'skip' || text === 'error' ? text : 'update');

/** Finds the fixtures that are asked for. @throws CommandError where there is none of a name. */
export async function openLoad(
  { terminal, settings, signal, cwd, now, stdin }: Context,
  connection: Connection,
  args: LoadArguments,
): Promise<OpenLoad> {
  const [{ loadFixtures }, { openFixtures }] = await Promise.all([
    import('../../../fixtures/load/load-fixtures.js'),
    import('../../../fixtures/find/open-fixtures.js'),
  ]);
  const { app, format, exclude, sync, remap } = args;
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
  return {
    close,
    load(options) {
      const progress = terminal.progress('Loading objects:');
      return loadFixtures(connection, settings, {
        sources,
        exclude,
        ignoreUnknown: args.ignorenonexistent,
        now: now(),
        signal,
        onConflict: conflictOf(args.onConflict),
        sync,
        remap,
        onSource: (source) => terminal.say(`Installing ${source.format} fixture '${source.name}'.`, 2),
        onSequences: () => terminal.say('Resetting sequences', 2),
        onProgress: (count) => progress.update(count),
        ...options,
      }).finally(() => progress.stop());
    },
  };
}

/** Asks before rows go that no fixture names; nobody is asked where there are none. */
export async function confirmSync(
  terminal: Terminal,
  connection: Connection,
  load: OpenLoad['load'],
  noInput: boolean,
): Promise<boolean> {
  const { deleted } = await load({ dryRun: true });
  if (deleted.length === 0) return true;
  const lines = [
    `Loading into ${placeOf(connection)} will delete what the fixtures do not name:`,
    ...deleted.map(({ model, rows }) => `  ${counted(rows, 'row')} of ${model}`),
  ];
  return confirmDestruction(terminal, { noInput, lines, cancelled: 'Nothing was loaded.' });
}
