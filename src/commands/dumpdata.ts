import { resolve } from 'node:path';
import { defineCommand } from '../command.js';
import { printableJson } from '../text.js';
import { assertDumpable, dumpOptions, warnOfUnknownApps } from './shared/data/dumping.js';
import { database } from './shared/options.js';

export default defineCommand({
  describe: 'Write the contents of the database as a fixture.',
  positionals: {
    labels: {
      variadic: true,
      describe: 'Apps or models (app_label or app_label.ModelName) to dump; by default all.',
    },
  },
  options: {
    ...database,
    ...dumpOptions,
  },
  json: false,
  examples: [
    [
      'manage dumpdata auth contenttypes -o auth.json.gz',
      'Write users, groups and permissions to a compressed file, for loaddata --remap.',
    ],
    ['manage dumpdata auth.user --pks 1,2 --indent 2', 'Show two users.'],
  ],
  async run({ connect, terminal, settings, registry, signal, cwd }, args) {
    assertDumpable(args);
    const { dumpFixture } = await import('../fixtures/dump/dump-fixture.js');
    const connection = await connect(args.database, { thirdParty: true });
    const progress = args.output === undefined ? undefined : terminal.progress('Writing objects:');
    try {
      // Bytes go anywhere as they are, and a terminal would take some of them for commands: what is copied from it must still be JSON.
      const shown = (text: string | Uint8Array) =>
        terminal.toTerminal ? printableJson(Buffer.from(text).toString()) : text;
      await dumpFixture(connection, settings, (text) => terminal.write(shown(text)), {
        ...args,
        output: args.output === undefined ? undefined : resolve(cwd(), args.output),
        snapshot: !args.noSnapshot,
        signal,
        onWarning: (message) => terminal.warn(message),
        onProgress: (count) => progress?.update(count),
      });
    } finally {
      progress?.stop();
    }
    // Whoever dumps everything would not notice what is missing. Introspected models are all that there are.
    if (args.labels.length === 0 && connection.registry.models.includes(registry.userModel)) {
      await warnOfUnknownApps(terminal, connection);
    }
    return undefined;
  },
});
