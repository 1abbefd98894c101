import { inspect } from 'node:util';
import type { Style } from '../command.js';
import { CommandError } from '../errors.js';

/** How an error is shown. */
export interface ReportOptions {
  readonly json: boolean;
  readonly traceback: boolean;
  readonly style: Style;
  /** The command that failed, as `manage flush`, where the error is one of its usage. */
  readonly usage?: { readonly program: string; readonly line: string | undefined };
  write(line: string): void;
}

/** A CommandError of this package, or of another copy of it that a project's command was written against. */
export function asCommandError(error: unknown): CommandError | undefined {
  if (error instanceof CommandError) return error;
  if (!(error instanceof Error) || !('exitCode' in error) || !('code' in error)) return undefined;
  if (typeof error.exitCode !== 'number' || typeof error.code !== 'string') return undefined;
  return Object.assign(
    new CommandError(error.message, {
      code: error.code,
      ...('hint' in error && typeof error.hint === 'string' ? { hint: error.hint } : {}),
      cause: error.cause,
    }),
    { exitCode: error.exitCode, name: error.name, stack: error.stack },
  );
}

/** Writes the error where the user sees it, and returns the status that the process ends with. */
export function report(error: unknown, options: ReportOptions): number {
  const { json, traceback, style, usage, write } = options;
  const known = asCommandError(error);
  const exitCode = known?.exitCode ?? 1;
  if (json) {
    const { code, message, hint } = known ?? {
      code: 'unexpected',
      message: error instanceof Error ? error.message : String(error),
      hint: undefined,
    };
    write(JSON.stringify({ error: { code, message, hint: hint ?? null } }));
    return exitCode;
  }
  if (known === undefined) {
    write(inspect(error));
    return exitCode;
  }
  if (traceback && exitCode !== 130) {
    write(inspect(known));
  } else if (exitCode === 130) {
    write(style.error(known.message));
  } else if (usage !== undefined && exitCode === 2) {
    if (usage.line !== undefined) write(usage.line);
    write(style.error(`${usage.program}: error: ${known.message}`));
  } else {
    write(style.error(`${known.name}: ${known.message}`));
  }
  if (known.hint !== undefined && known.hint !== '') write(known.hint);
  return exitCode;
}
