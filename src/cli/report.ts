import type { Style } from '../command.js';
import { CommandError } from '../errors.js';
import { bounded, fileReason, printable, quotedOnOneLine } from '../text.js';

/** How an error is shown. */
export interface ReportOptions {
  readonly json: boolean;
  readonly traceback: boolean;
  readonly style: Style;
  /** `manage flush`, once the command is known. */
  readonly program: string | undefined;
  /** One line that says how the command is used, where its command line is what is wrong. */
  readonly usage: string | undefined;
  write(line: string): void;
}

/** A CommandError of this package, or of another copy of it that a project's command was written against. */
export function asCommandError(error: unknown): CommandError | undefined {
  if (error instanceof CommandError) return error;
  if (!(error instanceof Error) || !('exitCode' in error) || !('code' in error)) return undefined;
  if (typeof error.exitCode !== 'number' || typeof error.code !== 'string') return undefined;
  const hint = 'hint' in error && typeof error.hint === 'string' ? { hint: error.hint } : {};
  const copy = new CommandError(error.message, { code: error.code, ...hint, cause: error.cause });
  return Object.assign(copy, { exitCode: error.exitCode, stack: error.stack });
}

/** What the system says of a file that a command can neither read nor write, where the command says nothing better. */
export function fileError(error: unknown): CommandError | undefined {
  if (!(error instanceof Error && 'errno' in error && 'syscall' in error)) return undefined;
  if (String(error.syscall).startsWith('spawn')) return undefined;
  // Making folders within folders tells the path in the message alone.
  const path = 'path' in error ? error.path : /, mkdir '([^']*)'/.exec(error.message)?.[1];
  if (path === undefined) return undefined;
  return new CommandError(`'${path}' cannot be used: ${fileReason(error)}.`, {
    code: 'file_unusable',
    cause: error,
  });
}

/** Stacks of the error, of what caused it, and of the errors that it gathers. Nothing else that it may carry is shown. */
function stacks(error: unknown, depth = 0): string[] {
  if (depth > 8) return [];
  if (!(error instanceof Error)) return [String(error)];
  const within = error instanceof AggregateError ? error.errors : [];
  return [
    error.stack ?? `${error.name}: ${error.message}`,
    ...[...within, ...(error.cause === undefined ? [] : [error.cause])].flatMap((cause) =>
      stacks(cause, depth + 1).map((stack) => (depth === 0 ? `Caused by: ${stack}` : stack)),
    ),
  ];
}

function headline({ code, exitCode, message }: CommandError, program = 'manage'): string {
  if (exitCode === 130 || code === 'unknown_command') return message;
  return exitCode === 2 ? `${program}: error: ${message}` : `CommandError: ${message}`;
}

/** Writes the error where the user sees it, and returns the status that the process ends with. */
export function report(error: unknown, options: ReportOptions): number {
  const known = asCommandError(error);
  const write = (line: string, paint = (text: string) => text) =>
    options.write(paint(printable(bounded(quotedOnOneLine(line)))));
  if (options.json) {
    const code = known?.code ?? 'unexpected';
    const message = bounded(error instanceof Error ? error.message : String(error));
    const hint = known?.hint ? bounded(known.hint) : null;
    options.write(JSON.stringify({ error: { code, message, hint } }));
  } else if (known === undefined || (options.traceback && known.exitCode !== 130)) {
    options.write(printable(stacks(error).join('\n')));
  } else {
    if (known.exitCode === 2 && options.usage !== undefined) write(options.usage);
    write(headline(known, options.program), options.style.error);
  }
  if (!options.json && known?.hint) write(known.hint);
  return known?.exitCode ?? 1;
}
