import { copyFileSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { expect, test } from 'vitest';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';
import { manage } from '../helpers/manage.js';
import { zoo } from './zoo.js';

const seed = process.env.FUZZ_SEED ?? '1';
const seconds = Number(process.env.FUZZ_SECONDS ?? 12);
const log = process.env.FUZZ_LOG;
const config = { apps: [zoo] };

forEachEngine((engine) => {
  const open = async () => {
    const db = await createDatabase(engine);
    const site = djangoSite(db, { env: { DJANGO_APPS: 'zoo' } });
    const run = (code: string) => site.evaluate(`import fuzz\n${code}`);
    await run('fuzz.prepare()');
    return { db, site, run };
  };

  test(`random rows are dumped as Django dumps them (FUZZ_SEED=${seed})`, async () => {
    const { db, run } = await open();
    const end = Date.now() + seconds * 1000;
    let done = 0;
    try {
      for (let round = 0; Date.now() < end; round++) {
        const name = `${seed}-${engine}-${round}`;
        const controls = round % 3 === 0 ? 0.1 : 0;
        const theirs: { args: string[]; text?: string; error?: string }[] = await run(
          `fuzz.fill('${name}', controls=${controls}); result = fuzz.dumps('${name}', 10)`,
        );
        for (const { args, text, error } of theirs) {
          const ours = await manage(['dumpdata', ...args, '--precision', 'milliseconds'], { db, config });
          done++;
          let at = 0;
          while (text !== undefined && at < text.length && text[at] === ours.stdout[at]) at++;
          if (args.includes('xml') && ours.stderr.includes('XML 1.0')) continue;
          if (text === undefined ? ours.exitCode === 0 : ours.stdout !== text || ours.exitCode !== 0) {
            const message = JSON.stringify({
              name,
              args,
              error,
              stderr: ours.stderr,
              code: ours.exitCode,
              at,
              theirs: text?.slice(Math.max(0, at - 60), at + 60),
              ours: ours.stdout.slice(Math.max(0, at - 60), at + 60),
            });
            if (log === undefined) expect.fail(message);
            else writeFileSync(log, `${message}\n`, { flag: 'a' });
          }
        }
      }
    } finally {
      await db.drop();
    }
    console.log(engine, 'dumps', done);
  });

  test(`random fixtures are loaded as Django loads them, or refused by both (FUZZ_SEED=${seed})`, async () => {
    const { db, site, run } = await open();
    const end = Date.now() + seconds * 1000;
    let done = 0;
    let accepted = 0;
    try {
      const queries: Record<string, string> = await run('result = fuzz.queries()');
      for (let round = 0; Date.now() < end; round++) {
        const name = `${seed}-${engine}-${round}`;
        const restore = await keep(db, await run(`fuzz.fill('${name}'); result = fuzz.keep()`));
        const seeds = Array.from({ length: 20 }, (_, index) => `${name}-${index}`);
        const cases: Case[] = await run(`result = fuzz.cases(${JSON.stringify(seeds)}, '${site.folder}')`);
        for (const each of cases) {
          const { stderr, exitCode } = await manage(['loaddata', each.path, ...each.args], { db, config });
          done++;
          const rows = each.rows;
          const bad: unknown[] = [];
          if (exitCode !== 0 && rows !== undefined) bad.push('only manage refuses');
          if (exitCode === 0 && rows === undefined) bad.push('only Django refuses');
          if (exitCode === 0) {
            accepted++;
            for (const [table, sql] of Object.entries(queries)) {
              const ours = (await db.query(sql)).map((row) => JSON.stringify(row)).sort();
              const theirs = (rows?.[table] ?? []).map((row) => JSON.stringify(row)).sort();
              if (rows !== undefined && ours.join('\n') !== theirs.join('\n'))
                bad.push({ table, ...difference(ours, theirs) });
            }
            await restore();
          }
          if (bad.length === 0 || isDecided(each, engine)) continue;
          const message = JSON.stringify({
            path: each.path.replace(/^.*\//, ''),
            args: each.args,
            done: each.done,
            bad,
            error: each.error,
            stderr,
          });
          if (log === undefined) expect.fail(message);
          writeFileSync(log, `${message}\n`, { flag: 'a' });
          copyFileSync(each.path, `${dirname(log)}/${basename(each.path)}`);
        }
      }
    } finally {
      await db.drop();
    }
    console.log(engine, 'loads', done, 'accepted', accepted);
  });
});

/** The rows that only one of them made; of two rows, the fields that are not the same. */
function difference(ours: string[], theirs: string[]) {
  const [a, b] = [ours.filter((row) => !theirs.includes(row)), theirs.filter((row) => !ours.includes(row))];
  if (a.length === 1 && b.length === 1) {
    const [x, y] = [JSON.parse(a[0] ?? ''), JSON.parse(b[0] ?? '')];
    return Object.fromEntries(
      Object.keys(x)
        .filter((name) => x[name] !== y[name])
        .map((name) => [name, { ours: x[name], theirs: y[name] }]),
    );
  }
  return { ours: a.slice(0, 2), theirs: b.slice(0, 2) };
}

interface Case {
  readonly path: string;
  readonly args: string[];
  readonly done: string[];
  readonly rows?: Record<string, unknown[]>;
  readonly error?: string;
}

function isDecided(_each: Case, _engine: string): boolean {
  return false;
}

/** Resolves with what puts all rows in their places again. */
async function keep(db: TestDatabase, sql: string | null): Promise<() => Promise<unknown>> {
  const { target } = db.settings;
  if (sql !== null || target.engine !== 'sqlite') return () => db.query(sql ?? '');
  await copyFile(target.filename, `${target.filename}.kept`);
  return () => copyFile(`${target.filename}.kept`, target.filename);
}
