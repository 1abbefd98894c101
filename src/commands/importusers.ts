import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import {
  emitHashers,
  importOptions,
  importSource,
  importVisibly,
  parseMap,
  sayImported,
} from './shared/accounts/importing.js';
import { actorOptions } from './shared/actor.js';
import { database, dryRun } from './shared/options.js';

export default defineCommand({
  describe: 'Import users from CSV, JSON or JSON lines, with passwords or with hashes of other systems.',
  positionals: { file: { required: true, describe: 'The file, or - for standard input.' } },
  options: {
    ...database,
    ...importOptions,
    ...dryRun,
    ...actorOptions,
  },
  examples: [
    ['manage importusers users.csv --dry-run', 'Check all rows, and import none.'],
    ['manage importusers wp_users.csv --map user_login=username --emit-hashers foreign.py', 'Import from WordPress.'],
    ['manage importusers - --format jsonl --if-not-exists < users.jsonl', 'Import from a pipe; can be repeated.'],
  ],
  async run(context, args) {
    if (args.update && args.ifNotExists) throw new UsageError('--update and --if-not-exists cannot be used together.');
    const map = parseMap(args.map);
    const source = await importSource(context, args.file);
    const connection = await context.connect(args.database, { writes: true });
    const result = await importVisibly(context, connection, source, { ...args, map });
    sayImported(context.terminal, result, args.dryRun);
    const hashers = await emitHashers(context, args.emitHashers, result.algorithms);
    return { json: { dryRun: args.dryRun, ...result, hashers } };
  },
});
