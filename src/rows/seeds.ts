import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { Connection, Executor } from '../db/connect/connection.js';
import { transaction } from '../db/transactions/transaction.js';
import { CommandError } from '../errors.js';
import { loadExports, moduleFile } from '../modules/load.js';

/** A file of a project that fills tables: it exports `seed(knex)`, as Knex's own seeds do. */
export interface Seed {
  readonly name: string;
  readonly file: string;
}

/**
 * The seeds in the folder `seeds` of a project, in the order of their names; with `only`, this one.
 *
 * @throws CommandError where there is no seed `only`.
 */
export async function findSeeds(root: string, only?: string): Promise<Seed[]> {
  const folder = join(root, 'seeds');
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  const seeds = entries
    .filter((entry) => entry.isFile() && moduleFile.test(entry.name) && !entry.name.startsWith('_'))
    .map(({ name }) => ({ name: basename(name, extname(name)), file: join(folder, name) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
  if (only === undefined) return seeds;
  const wanted = seeds.filter(({ name, file }) => name === only || basename(file) === only);
  if (wanted.length > 0) return wanted;
  throw new CommandError(`There is no seed '${only}' in ${folder}.`, {
    code: 'unknown_seed',
    hint: seeds.length === 0 ? 'There are no seeds at all.' : `There are ${seeds.map(({ name }) => name).join(', ')}.`,
  });
}

/**
 * Runs a seed in a transaction of its own.
 *
 * @throws CommandError where the file exports no `seed`, and with the reason where it fails.
 */
export async function runSeed(connection: Connection, { name, file }: Seed): Promise<void> {
  const exported = await loadExports(file).catch((cause: unknown) => {
    throw failed(name, file, cause);
  });
  const seed = seedOf(exported) ?? seedOf(exported.default);
  if (seed === undefined) {
    throw new CommandError(`The seed ${file} exports no function 'seed'.`, {
      code: 'bad_seed',
      hint: 'Write `export async function seed(knex) { … }`.',
    });
  }
  await transaction(connection, async ({ db }) => {
    try {
      await seed(db);
    } catch (cause) {
      throw failed(name, file, cause);
    }
  });
}

function seedOf(exported: unknown): ((executor: Executor) => unknown) | undefined {
  if (typeof exported !== 'object' || exported === null || !('seed' in exported)) return undefined;
  const { seed } = exported;
  return typeof seed === 'function' ? (executor) => seed(executor) : undefined;
}

function failed(name: string, file: string, cause: unknown): CommandError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n', 1)[0];
  return new CommandError(`The seed '${name}' failed: ${reason}`, {
    code: 'seed_failed',
    hint: `Mend ${file}; nothing of it is in the database, and --traceback shows where it fails.`,
    cause,
  });
}
