import { readFile } from 'node:fs/promises';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { startPostgres } from './postgres-server.js';

declare module 'vitest' {
  export interface ProvidedContext {
    /** URL of the server's maintenance database. */
    postgresUrl: string;
    /** What the names of this run's databases begin with. */
    postgresPrefix: string;
  }
}

const sample = new URL('../data/samples/sample.postgres.sql', import.meta.url);

/**
 * Makes a PostgreSQL server ready for all tests: the one of TEST_POSTGRES_URL, or one of its own that is stopped at the
 * end. There is no way to run the tests without one.
 */
export default async function setup({ provide }: TestProject): Promise<() => Promise<void>> {
  const given = process.env.TEST_POSTGRES_URL;
  const server = given ? { url: given, stop: async () => {} } : await startPostgres();
  const prefix = `manage_test_${process.pid}_${Date.now().toString(36)}`;
  try {
    // Who connects to a database first writes what all others read: that is copied with it, which `template0` has not.
    for (const [name, sql] of Object.entries({ empty: 'SELECT 1', sample: await readFile(sample, 'utf8') })) {
      await run(server.url, [`CREATE DATABASE "${prefix}_${name}" TEMPLATE template0 ENCODING 'UTF8'`]);
      const url = new URL(server.url);
      url.pathname = `/${prefix}_${name}`;
      await run(url.href, [sql]);
    }
  } catch (error) {
    await server.stop();
    throw error;
  }
  provide('postgresUrl', server.url);
  provide('postgresPrefix', prefix);
  return async () => {
    try {
      await dropDatabases(server.url, prefix);
    } finally {
      await server.stop();
    }
  };
}

/** Also those of tests that were killed. */
async function dropDatabases(url: string, prefix: string): Promise<void> {
  const found = await run(url, [`SELECT datname FROM pg_database WHERE starts_with(datname, '${prefix}')`]);
  await run(
    url,
    found.map(({ datname }) => `DROP DATABASE "${datname}" WITH (FORCE)`),
  );
}

/** Runs statements one by one; resolves with the rows of the last one. */
async function run(url: string, statements: readonly string[]): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  let rows: Record<string, unknown>[] = [];
  try {
    for (const statement of statements) ({ rows } = await client.query(statement));
  } finally {
    await client.end();
  }
  return rows;
}
