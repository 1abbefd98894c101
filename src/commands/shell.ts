import type { Context } from '../command.js';
import { defineCommand } from '../command.js';
import type { Connection } from '../db/connect/connection.js';
import { CommandError } from '../errors.js';
import { readInput } from '../ui/stdin.js';
import { database } from './shared/options.js';

/** What code in the shell finds by name. */
type Names = Readonly<Record<string, unknown>>;

/** The connection, or undefined with a note where the database cannot be reached: the rest is of use without it. */
async function connection({ connect, terminal }: Context, alias: string): Promise<Connection | undefined> {
  return connect(alias).catch((error: unknown) => {
    if (!(error instanceof CommandError)) throw error;
    terminal.note(`\`db\` is not available: ${error.message}`);
    return undefined;
  });
}

async function collectNames(context: Context, alias: string): Promise<Names> {
  const open = await connection(context, alias);
  const database =
    open === undefined ? { registry: context.registry } : { connection: open, db: open.db, registry: open.registry };
  return { ...(await context.publicApi()), settings: context.settings, ...database };
}

/** Runs code in which `await` may stand anywhere; what it logs is written. */
async function runCode(code: string, names: Names, { terminal }: Context): Promise<void> {
  const [{ Console }, { Writable }] = await Promise.all([import('node:console'), import('node:stream')]);
  const stdout = new Writable({
    write(chunk: Buffer, _, done) {
      terminal.write(chunk).then(() => done(), done);
    },
  });
  const stderr = new Writable({
    write(chunk: Buffer, _, done) {
      terminal.warn(chunk.toString().trimEnd());
      done();
    },
  });
  const all = { ...names, console: new Console({ stdout, stderr }) };
  const AsyncFunction: FunctionConstructor = Object.getPrototypeOf(runCode).constructor;
  await AsyncFunction(...Object.keys(all), code)(...Object.values(all));
  await new Promise<void>((resolve) => stdout.end(resolve));
}

export default defineCommand({
  describe: 'Run JavaScript with settings, registry, database and the API of manage-auth at hand.',
  json: false,
  options: {
    ...database,
    command: { type: 'string', short: 'c', placeholder: 'CODE', describe: 'Run this code and exit.' },
  },
  examples: [
    ['manage shell', "Type code: await db('auth_user').count()"],
    ['manage shell -c "console.log(await makePassword(\'secret\'))"', 'Run code and end.'],
    ['manage shell < script.js', 'Run a file.'],
  ],
  async run(context, { database: alias, command }) {
    const { stdin, stdout, terminal } = context;
    const names = await collectNames(context, alias);
    if (command !== undefined || !('isTTY' in stdin && stdin.isTTY === true)) {
      await runCode(command ?? (await readInput(context)).toString(), names, context);
      return undefined;
    }
    terminal.note(`Known here: ${Object.keys(names).sort().join(', ')}.`, 2);
    terminal.note('Known here: settings, registry, connection, db, and all that manage-auth exports (-v 2 lists it).');
    const { start } = await import('node:repl');
    await context.ignoringInterrupts(async () => {
      // No history is kept: passwords and keys are typed here.
      const server = start({ prompt: '> ', input: stdin, output: stdout, breakEvalOnSigint: true });
      Object.assign(server.context, names);
      await new Promise<void>((resolve) => server.on('exit', resolve));
    });
    return undefined;
  },
});
