import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodedText } from '../text.js';

/** Environment variables with where each comes from. */
export interface Environment {
  /** The `.env` files that were read. */
  readonly files: readonly string[];
  /** Variables of the process for settings whose whole value stands in quotes, as Docker's --env-file leaves them. */
  readonly quoted: readonly string[];
  /** All of them, the first source that has a name winning. */
  readonly values: Readonly<Record<string, string | undefined>>;
  /** The value, the folder that its relative paths are relative to, and how a person is told where it is. */
  lookup(name: string): { readonly value: string; readonly base: string; readonly where: string } | undefined;
}

const isOurs = (name: string) => /^(?:DATABASE_URL(?:_\w+)?|SECRET_KEY(?:_FALLBACKS)?|TIME_ZONE)$/.test(name);

/** Undefined where there is no such file. */
async function readDotenv(
  file: string,
  process: Readonly<Record<string, string | undefined>>,
  problems: string[],
): Promise<Record<string, string | undefined> | undefined> {
  try {
    const text = decodedText(readFileSync(file));
    const { parseDotenv } = await import('./dotenv.js');
    return parseDotenv(text, process);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    // A folder of that name is a Python environment.
    if (code !== 'ENOENT' && code !== 'EISDIR') problems.push(`The file ${file} cannot be read (${code ?? error}).`);
    return undefined;
  }
}

/** The process environment, then `.env` beside the config, then `.env` in the working directory. */
export async function loadEnvironment(
  process: Readonly<Record<string, string | undefined>>,
  root: string,
  cwd: string,
  problems: string[],
): Promise<Environment> {
  const files: { values: Record<string, string | undefined>; base: string; where: string }[] = [];
  for (const base of new Set([root, cwd])) {
    const where = join(base, '.env');
    const values = await readDotenv(where, process, problems);
    if (values !== undefined) files.push({ values, base, where });
  }
  const sources = [{ values: process, base: cwd, where: 'the environment' }, ...files];
  return {
    files: files.map(({ where }) => where),
    quoted: Object.keys(process).filter((name) => isOurs(name) && /^(['"]).+\1$/s.test(process[name] ?? '')),
    values: Object.assign({}, ...sources.toReversed().map((source) => source.values)),
    lookup(name) {
      for (const { values, base, where } of sources) {
        const value = Object.hasOwn(values, name) ? values[name] : undefined;
        if (value !== undefined) return { value, base, where };
      }
      return undefined;
    },
  };
}
