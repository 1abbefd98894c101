import { CommandError, type CommandErrorOptions } from '../../errors.js';

/** A value of a column that should be the key of a row of another table, and is not. */
export interface DanglingValue {
  readonly table: string;
  readonly column: string;
  /** As text. */
  readonly value: string;
}

/** Some references lead nowhere, which was found when they were checked: at the commit, as most are deferred. */
export class BrokenReference extends CommandError {
  /** Which ones, or the first of them, where the database says so. */
  readonly dangling: readonly DanglingValue[];
  /** Name of the constraint that found it, where the database says so. */
  readonly constraint: string | undefined;

  constructor(
    message: string,
    dangling: readonly DanglingValue[],
    { constraint, ...options }: CommandErrorOptions & { readonly constraint?: string | undefined },
  ) {
    super(message, { ...options, code: 'broken_reference' });
    this.dangling = dangling;
    this.constraint = constraint;
  }
}
