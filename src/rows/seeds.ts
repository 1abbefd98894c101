import { readdir } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Connection, Executor } from '../db/connect/connection.js';
import { transaction } from '../db/transactions/transaction.js';
import { CommandError } from '../errors.js';
import { loadExports, moduleFile } from '../modules/load.js';
import { sourceRoot } from '../modules/package-root.js';
import { knownNames, reasonOf } from '../text.js';

/** A file that fills tables: it exports `seed(knex)`, as Knex's own seeds do. */
export interface Seed {
  readonly name: string;
  readonly file: string;
  /** Whether it came with this package; those of a project run after them. */
  readonly builtIn: boolean;
  /** Names of the seeds that it comes after. */
  readonly dependencies: readonly string[];
  readonly seed: (executor: Executor, ...context: readonly unknown[]) => unknown;
}

const builtInFolder = join(sourceRoot, '..', 'seeds');

/** The seeds of this package, in the order of their names but after those that they depend on. */
export async function builtInSeeds(): Promise<Seed[]> {
  return inOrder(await Promise.all((await filesOf(builtInFolder, true)).map(loadSeed)));
}

/**
 * The seeds of this package and then those in the folder `seeds` of a project, each in the order of their names but after
 * what they name in `dependencies`. With `only`, that one: the project's where both have it.
 *
 * @throws CommandError where there is no seed `only`, where a file exports no `seed`, and for dependencies in a circle.
 */
export async function findSeeds(root: string, only?: string): Promise<Seed[]> {
  const own = await filesOf(join(root, 'seeds'), false);
  if (only === undefined) return [...(await builtInSeeds()), ...inOrder(await Promise.all(own.map(loadSeed)))];
  const all = [...own, ...(await filesOf(builtInFolder, true))];
  const wanted = all.find(({ name, file }) => name === only || basename(file) === only);
  if (wanted !== undefined) return [await loadSeed(wanted)];
  throw new CommandError(`There is no seed '${only}'.`, {
    code: 'unknown_seed',
    hint: knownNames(
      only,
      all.map(({ name }) => name),
      { say: 'There are', both: true },
    ),
  });
}

type SeedFile = Pick<Seed, 'name' | 'file' | 'builtIn'>;

async function filesOf(folder: string, builtIn: boolean): Promise<SeedFile[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile() && moduleFile.test(entry.name) && !entry.name.startsWith('_'))
    .map(({ name }) => ({ name: basename(name, extname(name)), file: join(folder, name), builtIn }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function loadSeed({ name, file, builtIn }: SeedFile): Promise<Seed> {
  const exported = await load(file, builtIn).catch((cause: unknown) => {
    throw failed(name, file, cause);
  });
  const found = [exported, exported.default].find(isSeed);
  if (found === undefined) {
    throw new CommandError(`The seed ${file} exports no function 'seed'.`, {
      code: 'bad_seed',
      hint: 'Write `export async function seed(knex) { … }`.',
    });
  }
  const { dependencies } = found;
  const before = Array.isArray(dependencies) ? dependencies.map(String) : [];
  return { name, file, builtIn, dependencies: before, seed: (...args) => found.seed(...args) };
}

/** Those of this package are found by their built files, which Node imports as they are. */
const load = (file: string, builtIn: boolean): Promise<Readonly<Record<string, unknown>>> =>
  builtIn ? import(pathToFileURL(file).href) : loadExports(file);

interface SeedModule {
  seed(...args: unknown[]): unknown;
  readonly dependencies?: unknown;
}

const isSeed = (module: unknown): module is SeedModule =>
  typeof module === 'object' && module !== null && 'seed' in module && typeof module.seed === 'function';

function inOrder(seeds: readonly Seed[]): Seed[] {
  const ordered: Seed[] = [];
  const visit = (seed: Seed, path: readonly Seed[]) => {
    if (ordered.includes(seed)) return;
    if (path.includes(seed)) {
      throw new CommandError(`The seeds ${path.map(({ name }) => name).join(', ')} depend on each other in a circle.`, {
        code: 'bad_seed',
      });
    }
    for (const name of seed.dependencies) {
      const before = seeds.find((each) => each.name === name);
      // Those of this package have run before any of a project's.
      if (before !== undefined) visit(before, [...path, seed]);
    }
    ordered.push(seed);
  };
  for (const seed of seeds) visit(seed, []);
  return ordered;
}

/**
 * Runs a seed of a project in a transaction of its own.
 *
 * @throws CommandError with the reason where it fails.
 */
export async function runSeed(connection: Connection, { name, file, seed }: Seed): Promise<void> {
  await transaction(connection, async ({ db }) => {
    try {
      await seed(db);
    } catch (cause) {
      throw failed(name, file, cause);
    }
  });
}

function failed(name: string, file: string, cause: unknown): CommandError {
  return new CommandError(`The seed '${name}' failed: ${reasonOf(cause)}`, {
    code: 'seed_failed',
    hint: `Fix ${file}; nothing of it is in the database.`,
    cause,
  });
}
