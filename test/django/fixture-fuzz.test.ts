import { appendFileSync, copyFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';
import { zoo } from '../helpers/zoo.js';

/** FUZZ_SEED makes other rows and fixtures, FUZZ_SECONDS more of them; FUZZ_LOG is a file for all differences. */
const { FUZZ_SEED: seed = '1', FUZZ_SECONDS: seconds = '10', FUZZ_LOG: log } = process.env;
const config = { apps: [zoo] };

interface Dump {
  readonly args: string[];
  readonly text?: string;
  readonly error?: string;
}

interface Case {
  readonly path: string;
  readonly args: string[];
  /** In words, what was done to a fixture of the rows that there are. */
  readonly done: string[];
  /** What Django makes of it, or its error. */
  readonly rows?: Record<string, Record<string, unknown>[]>;
  readonly error?: string;
}

/** What only one of the two takes, and why that is so: by what the one says that refuses. */
const DECIDED: readonly { readonly why: string; readonly manage?: RegExp; readonly django?: RegExp }[] = [
  { why: 'a list or an object is no text', manage: /“[[{].*” value must be a text/s },
  { why: 'a text or an object is no list of links', manage: /it must be a list/ },
  { why: 'the key of a row is not made up', manage: /it has no key, and none can be made/ },
  { why: 'signs that are no Base64 are no bytes', manage: /value must be Base64/ },
  { why: 'a truth value is no UUID', manage: /“true” value must be a UUID/ },
  { why: 'an address of one host alone is none', manage: /%eth0” value must be a valid/ },
  { why: 'numbers are written in the digits 0 to 9', manage: /“[^”]*[_١٣][^”]*” value must be an? / },
  {
    why: 'only some Pythons take weeks, and any sign before a time',
    manage: /“[^”]*(?:W|x10|\.Z)[^”]*” value must be/,
  },
  { why: 'true and false mean the same in lower case', django: /“(?:true|false)” value must be either/ },
  { why: 'a pair of surrogates is a letter', django: /^DeserializationError: (?:Problem [^:]*: )?$/ },
  // Django writes a row before it knows what the row refers to.
  {
    why: 'references wait for rows that come later',
    django: /Book has no author|NOT NULL.*author_id|"author_id" of rel/,
  },
];

forEachEngine((engine) => {
  const open = async () => {
    const db = await createDatabase(engine);
    const site = djangoSite(db, { env: { DJANGO_APPS: 'zoo' } });
    const run = (code: string) => site.evaluate(`import fuzz\n${code}`);
    await run('fuzz.prepare()');
    return { db, site, run };
  };
  const end = () => Date.now() + Number(seconds) * 1000;

  test(`random rows are dumped as Django dumps them (FUZZ_SEED=${seed})`, async () => {
    const { db, run } = await open();
    let count = 0;
    try {
      for (let round = 0, until = end(); Date.now() < until; round++) {
        const name = `${seed}-${engine}-${round}`;
        const controls = round % 3 === 0 ? 0.1 : 0;
        const dumps: Dump[] = await run(
          `fuzz.fill('${name}', controls=${controls}); result = fuzz.dumps('${name}', 10)`,
        );
        for (const { args, text = '', error } of dumps) {
          const ours = await manage(['dumpdata', ...args, '--precision', 'milliseconds'], { db, config });
          count++;
          // Django writes characters into XML with which no program can read it.
          if (args.includes('xml') && ours.stderr.includes('XML 1.0 cannot hold')) continue;
          if (ours.stdout === text && (ours.exitCode === 0) === (error === undefined)) continue;
          let at = 0;
          while (text[at] === ours.stdout[at]) at++;
          const [theirs, mine] = [text, ours.stdout].map((each) => each.slice(Math.max(0, at - 60), at + 60));
          report({ name, args, error, stderr: ours.stderr, theirs, ours: mine });
        }
      }
    } finally {
      await db.drop();
    }
    expect(count).toBeGreaterThan(0);
  });

  test(`random fixtures are loaded as Django loads them, or refused by both (FUZZ_SEED=${seed})`, async () => {
    const { db, site, run } = await open();
    let accepted = 0;
    try {
      const queries: Record<string, string> = await run('result = fuzz.queries()');
      for (let round = 0, until = end(); Date.now() < until; round++) {
        const name = `${seed}-${engine}-${round}`;
        const restore = await keep(db, await run(`fuzz.fill('${name}'); result = fuzz.keep()`));
        const seeds = Array.from({ length: 20 }, (_, index) => `${name}-${index}`);
        const cases: Case[] = await run(`result = fuzz.cases(${JSON.stringify(seeds)}, '${site.folder}')`);
        for (const each of cases) {
          const { stderr, exitCode } = await manage(['loaddata', each.path, ...each.args], { db, config });
          if (exitCode === 0) accepted++;
          const bad = exitCode === 0 ? await differences(db, queries, each.rows) : each.rows && { refused: stderr };
          if (exitCode === 0) await restore();
          if (bad === undefined || isDecided(each, stderr)) continue;
          const { path, args, done, error } = each;
          report({ path: basename(path), args, done, error, bad }, path);
        }
      }
    } finally {
      await db.drop();
    }
    expect(accepted).toBeGreaterThan(0);
  });
});

function isDecided({ rows, error = '', args, done }: Case, stderr: string): boolean {
  if (rows !== undefined) return DECIDED.some(({ manage: said }) => said?.test(stderr));
  // Nobody looks at records that are left out.
  if (args.includes('--exclude=zoo.label') && done.some((each) => each.startsWith('zoo.label'))) return true;
  if (args.includes('--exclude=zoo.label') && error.includes('Label has no field')) return true;
  return DECIDED.some(({ django: said }) => said?.test(error));
}

function report(difference: unknown, fixture?: string): void {
  const message = JSON.stringify(difference);
  if (log === undefined) expect.fail(message);
  appendFileSync(log, `${message}\n`);
  if (fixture !== undefined) copyFileSync(fixture, join(dirname(log), basename(fixture)));
}

/** Where the rows are not those that Django made; undefined where they are. */
async function differences(db: TestDatabase, queries: Readonly<Record<string, string>>, expected: Case['rows']) {
  if (expected === undefined) return 'only Django refuses';
  const found: unknown[] = [];
  for (const [table, sql] of Object.entries(queries)) {
    const [ours = [], theirs = []] = [await db.query(sql), expected[table] ?? []].map((rows) =>
      rows.map((row) => JSON.stringify(row)).sort(),
    );
    if (ours.join('\n') === theirs.join('\n')) continue;
    const without = (some: string[], others: string[]) => some.filter((row) => !others.includes(row)).slice(0, 2);
    found.push({ table, ours: without(ours, theirs), theirs: without(theirs, ours) });
  }
  return found.length === 0 ? undefined : found;
}

/** Resolves with what puts all rows in their places again. */
async function keep(db: TestDatabase, sql: string | null): Promise<() => Promise<unknown>> {
  const { target } = db.settings;
  if (sql !== null || target.engine !== 'sqlite') return () => db.query(sql ?? '');
  const kept = `${target.filename}.kept`;
  await copyFile(target.filename, kept);
  return () => copyFile(kept, target.filename);
}
