import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
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
    const { registry } = connection;
    const finder = await createFinder({
      registry,
      settings,
      cwd: cwd(),
      database: args.database,
      app: args.app,
      onFolder: (folder) => terminal.say(`Checking '${folder}' for fixtures...`, 2),
    });
    const sources = [];
    for (const label of args.fixtures) {
      terminal.say(`Loading '${label}' fixtures...`, 2);
      sources.push(...(label === '-' ? [stdinSource(stdin, args.format ?? '')] : await finder.find(label)));
    }
    const progress = terminal.progress('Loading objects:');
    try {
      const result = await loadFixtures(connection, settings, {
        sources,
        excluded: excludedModels(registry, args.exclude),
        ignoreUnknown: args.ignorenonexistent,
        now: now(),
        signal,
        onSource: ({ name, format }) => terminal.say(`Installing ${format} fixture '${name}'.`, 2),
        onProgress: (count) => progress.update(count),
      });
      progress.stop();
      for (const name of result.empty) {
        terminal.warn(`No fixture data found for '${name}'. (The file format may be invalid.)`);
      }
      const of = result.read === result.objects ? '' : ` (of ${result.read})`;
      terminal.say(`Installed ${result.objects} object(s)${of} from ${result.fixtures} fixture(s)`);
      return { json: { objects: result.objects, read: result.read, fixtures: result.fixtures } };
    } finally {
      progress.stop();
    }
  },
});
