import type { Connection } from '../../db/connect/connection.js';
import type { Registry } from '../../registry/types.js';
import type { ParsedSettings } from '../../settings/settings.js';

/** How grave a finding is, the gravest first (Django 5.2 core/checks/messages.py). */
export const levels = ['CRITICAL', 'ERROR', 'WARNING', 'INFO', 'DEBUG'] as const;
export type Level = (typeof levels)[number];

export interface Finding {
  /** `manage.E012`: stable, the letter is that of the level. */
  readonly id: string;
  readonly level: Level;
  /** What it is about: a table, a column, a model, a setting, a database. */
  readonly object: string;
  /** Whole sentences. */
  readonly message: string;
  readonly hint?: string;
  /** What it names, for what a program says of it besides: such as `app`, `model`, `alias`, `part`, `sql`. */
  readonly about?: Readonly<Record<string, string>>;
}

/** A database as checks see it: open, or the finding that says why it is not. */
export interface CheckedDatabase {
  readonly alias: string;
  readonly connection: Connection | undefined;
  readonly finding: Finding | undefined;
}

export interface CheckContext {
  readonly settings: ParsedSettings;
  readonly registry: Registry;
  readonly databases: readonly CheckedDatabase[];
  /** Only what belongs to these apps; all where it is undefined. */
  readonly apps: ReadonlySet<string> | undefined;
  /** Whether the rows of all models are looked at nevertheless: those of models that a database was asked for, too. */
  readonly allRows?: boolean;
}

export interface Check {
  readonly tag: string;
  /** Runs only with `--deploy`. */
  readonly deploy?: true;
  run(context: CheckContext): Promise<readonly Finding[]> | readonly Finding[];
}

const letters: Readonly<Record<string, Level>> = { C: 'CRITICAL', E: 'ERROR', W: 'WARNING', I: 'INFO', D: 'DEBUG' };

/** A finding whose level is that of its id's letter. */
export function finding(
  id: `${'C' | 'E' | 'W' | 'I' | 'D'}${number}`,
  object: string,
  message: string,
  hint?: string,
  about?: Readonly<Record<string, string>>,
): Finding {
  const level = letters[id.charAt(0)] ?? 'ERROR';
  return {
    id: `manage.${id}`,
    level,
    object,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(about && { about }),
  };
}
