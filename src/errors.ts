/** What a {@link CommandError} may carry besides its sentence. */
export interface CommandErrorOptions {
  /** Stable identifier in snake_case for `--json` and programs, such as `user_not_found`. */
  code?: string;
  /** What to do about it: one sentence, printed on a line of its own. */
  hint?: string | undefined;
  cause?: unknown;
}

/**
 * A failure that the person at the terminal can understand and mend. It is reported as one sentence and a hint, without
 * a stack (`--traceback` shows it), and ends the process with status 1 (Django 5.2 core/management/base.py).
 */
export class CommandError extends Error {
  override name = 'CommandError';
  readonly code: string;
  readonly hint: string | undefined;
  /** The status that the process ends with. */
  readonly exitCode: number = 1;

  constructor(message: string, { code = 'command_error', hint, cause }: CommandErrorOptions = {}) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint;
  }
}

/** The command line itself is wrong: unknown command, option or alias, a missing argument, nobody to ask. Status 2. */
export class UsageError extends CommandError {
  override name = 'UsageError';
  override readonly exitCode = 2;

  constructor(message: string, options: CommandErrorOptions = {}) {
    super(message, { code: 'usage', ...options });
  }
}

/** Ctrl-C, or end of input at a prompt. Status 130. */
export class OperationCancelled extends CommandError {
  override name = 'OperationCancelled';
  override readonly exitCode = 130;

  constructor() {
    super('Operation cancelled.', { code: 'cancelled' });
  }
}

/** A program that was started for the command has failed: the process ends with that program's status. */
export class ProgramFailed extends CommandError {
  override name = 'ProgramFailed';
  override readonly exitCode: number;

  constructor(message: string, status: number) {
    super(message, { code: 'program_failed' });
    this.exitCode = status;
  }
}
