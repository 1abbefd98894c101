import { spawn } from 'node:child_process';
import { CommandError, ProgramFailed } from '../../errors.js';

export interface RunProgramOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the program reads; this process's own standard input is handed over as it is. */
  readonly stdin: NodeJS.ReadableStream;
  /** Gets what the program writes, where its standard output is not handed over with the input. */
  readonly write: (text: Uint8Array) => Promise<void>;
  /** Gets what it writes to standard error then. */
  readonly warn: (text: string) => void;
}

/**
 * Runs a program until it ends.
 *
 * @throws CommandError where there is no such program, ProgramFailed with its own status where it fails.
 */
export async function runProgram(
  { program, args }: { readonly program: string; readonly args: readonly string[] },
  { cwd, env, stdin, write, warn }: RunProgramOptions,
): Promise<void> {
  const own = stdin === process.stdin;
  const child = spawn(program, args, { cwd, env, stdio: own ? 'inherit' : 'pipe' });
  const ended = new Promise<number>((resolve, reject) => {
    child.on('error', (cause: NodeJS.ErrnoException) => {
      const missing = `You appear not to have the '${program}' program installed or on your path.`;
      const message = cause.code === 'ENOENT' ? missing : `The program '${program}' cannot be run (${cause.code}).`;
      reject(new CommandError(message, { code: 'missing_program', hint: 'Install it, or correct PATH.', cause }));
    });
    child.on('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 1)));
  });
  if (child.stdin !== null) {
    // A program that ends before it has read everything closes the pipe.
    child.stdin.on('error', () => undefined);
    stdin.pipe(child.stdin);
  }
  child.stderr?.on('data', (chunk) => warn(String(chunk)));
  const written = child.stdout === null ? undefined : drain(child.stdout, write);
  const status = await ended;
  await written;
  if (status === 0) return;
  throw new ProgramFailed(`"${[program, ...args].join(' ')}" returned non-zero exit status ${status}.`, status);
}

async function drain(stream: AsyncIterable<Uint8Array>, write: (text: Uint8Array) => Promise<void>): Promise<void> {
  for await (const chunk of stream) await write(chunk);
}
