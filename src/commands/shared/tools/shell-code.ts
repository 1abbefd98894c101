import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError } from '../../../errors.js';
import { asSentence, reasonOf } from '../../../text.js';

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

/** The names that the code of a shell knows. */
export async function collectNames(context: Context, alias: string): Promise<Names> {
  const open = await connection(context, alias);
  const database =
    open === undefined ? { registry: context.registry } : { connection: open, db: open.db, registry: open.registry };
  return { ...(await context.publicApi()), settings: context.settings, ...database };
}

/** Runs code in which `await` may stand anywhere; what it logs is written. */
export async function runCode(code: string, names: Names, { terminal }: Context): Promise<void> {
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
  const run = compiled(() => AsyncFunction(...Object.keys(all), code));
  await run(...Object.values(all)).catch((error: unknown) => {
    throw withOwnFrames(error);
  });
  await new Promise<void>((resolve) => stdout.end(resolve));
}

/** @throws CommandError for what is no JavaScript. */
function compiled<Code>(compile: () => Code): Code {
  try {
    return compile();
  } catch (error) {
    throw new CommandError(`The code is no JavaScript that can be run: ${asSentence(reasonOf(error))}`, {
      code: 'bad_code',
      cause: error,
    });
  }
}

/** An error whose stack shows lines of the code, and no more what has run it. */
function withOwnFrames(error: unknown): unknown {
  if (!(error instanceof Error) || error.stack === undefined) return error;
  const lines = error.stack.split('\n');
  const end = lines.findIndex((line) => /^\s+at (?:async )?runCode /.test(line));
  // Two lines stand before the code.
  const inCode = (line: string) =>
    line.replace(/\(eval at .*<anonymous>:(\d+):(\d+)\)/, (_, row, column) => `(line ${row - 2}:${column})`);
  error.stack = (end < 0 ? lines : lines.slice(0, end)).map(inCode).join('\n');
  return error;
}
