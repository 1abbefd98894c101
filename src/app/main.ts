import { type Interruption, listen, settled } from '../cli/interruption.js';
import { earlyOptions, isWords, splitLine } from '../cli/line.js';
import { asCommandError, fileError, report } from '../cli/report.js';
import type { Host } from '../command.js';
import { CommandError } from '../errors.js';
import { wholeDocument } from '../ui/document.js';
import { OutputClosed } from '../ui/output.js';
import { createTerminal } from '../ui/terminal.js';
import { execute, type Run } from './run.js';

function startRun(host: Host, argv: readonly string[], { signal, ignoring }: Interruption): Run {
  const early = earlyOptions(argv);
  const run: Run = {
    host,
    signal,
    ignoringInterrupts: ignoring,
    connections: new Map(),
    terminal: createTerminal(host, { ...early, verbosity: 1, signal }),
    traceback: early.traceback,
    onCommit(step) {
      run.commit = step;
    },
    onOutage(sentence) {
      run.terminal.note(sentence);
    },
  };
  return run;
}

/** The error as a person is told it: the database's own words for its errors, and "cancelled" after a signal. */
async function explain(error: unknown, run: Run): Promise<unknown> {
  if (error instanceof OutputClosed) return error;
  if (run.signal.aborted) return run.signal.reason;
  if (asCommandError(error) !== undefined) return error;
  for (const opening of run.connections.values()) {
    const connection = await opening.catch(() => undefined);
    const explained = connection?.dialect.explain(error);
    if (explained !== undefined) return explained;
  }
  return fileError(error) ?? error;
}

async function finish(run: Run, interruption: Interruption): Promise<void> {
  run.ended = true;
  const closing = [...run.connections.values()].map(async (opening) => (await opening.catch(() => undefined))?.close());
  await settled(Promise.allSettled(closing), run.signal);
  interruption.stop();
  await settled(run.terminal.flush(), run.signal);
  run.terminal.release();
}

/**
 * What `work` resolves with, unless the run is ended from outside before that. What is committed, or being committed, is
 * reported as what it is: nobody must take it for undone.
 */
async function within<T>(work: Promise<T>, run: Run, { overdue }: Interruption): Promise<T> {
  const left = overdue.catch((error: unknown) => {
    if (run.commit === 'sent') return work;
    throw error;
  });
  const result = await Promise.race([work, left]);
  if (run.commit !== 'done') run.signal.throwIfAborted();
  return result;
}

/** Runs one command line and resolves with the status that the process ends with. Never throws, never exits. */
export async function main(argv: readonly string[], host: Host): Promise<number> {
  const interruption = listen(host);
  const run = startRun(host, argv, interruption);
  try {
    const result = await within(execute(splitLine(argv), run), run, interruption);
    await within(run.terminal.finish(result?.json ?? null), run, interruption);
    return result?.exitCode ?? 0;
  } catch (error) {
    run.terminal.settle();
    const shown = await explain(error, run);
    if (shown instanceof OutputClosed) return 0;
    const { remedied } = await import('../ui/remedies.js');
    const known = asCommandError(shown);
    const { json, errStyle: style, writeError: write } = run.terminal;
    const remedy =
      known === undefined ? shown : remedied(known, run.program?.split(' ')[1], run.alias, run.introspects);
    const exitCode = report(isHelpWord(argv, run) ? withHelpHint(remedy, run) : remedy, {
      json,
      style,
      traceback: run.traceback,
      program: run.program,
      usage: run.usage,
      write,
    });
    return interruption.status() ?? exitCode;
  } finally {
    await finish(run, interruption);
  }
}

/** Whether `manage migrate help` was typed, which means something else: there the word names an app. */
const isHelpWord = (argv: readonly string[], { program }: Run) =>
  argv.length === 2 && argv[1] === 'help' && program === `manage ${argv[0]}`;

function withHelpHint(error: unknown, { program = 'manage' }: Run): unknown {
  if (!(error instanceof CommandError)) return error;
  const hint = `\`${program.replace(' ', ' help ')}\` shows how it is used.`;
  return Object.assign(new CommandError(error.message, { code: error.code, hint, cause: error.cause }), {
    name: error.name,
    exitCode: error.exitCode,
    stack: error.stack,
  });
}

/**
 * Runs one command from a program and resolves with what `--json` would show. Arguments are words of a command line, or
 * an object by the names that the command declares (`{ noInput: true, database: 'live' }`). What the command says goes to
 * the host's streams, by default those of this process.
 *
 * @throws CommandError and its children as the command throws them.
 */
export async function callCommand(
  name: string,
  args: readonly string[] | Readonly<Record<string, unknown>> = [],
  host: Partial<Host> = {},
): Promise<unknown> {
  const { stdin, stdout, stderr, env } = process;
  const whole: Host = { stdin, stdout, stderr, env, cwd: () => process.cwd(), ...host };
  const interruption = listen(whole);
  const run = startRun(whole, [], interruption);
  try {
    const config = isWords(args) ? earlyOptions(args).config : args.config;
    const line = { name, words: args, config: typeof config === 'string' ? config : undefined };
    const running = execute(line, run);
    const result = await Promise.race([running, interruption.overdue]);
    return await wholeDocument(result?.json);
  } catch (error) {
    run.terminal.settle();
    throw await explain(error, run);
  } finally {
    await finish(run, interruption);
  }
}
