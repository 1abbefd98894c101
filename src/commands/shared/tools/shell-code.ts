import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError } from '../../../errors.js';

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
  await AsyncFunction(...Object.keys(all), code)(...Object.values(all));
  await new Promise<void>((resolve) => stdout.end(resolve));
}
