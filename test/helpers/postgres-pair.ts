import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { copyPostgres, initPostgres, type PostgresServer, runPostgres } from './postgres-server.js';

export interface PostgresPair {
  /** URL of the database `auth` on one of them. */
  readonly primary: string;
  readonly standby: string;
  /** URL that names both, in this order, and asks for one that takes changes. */
  readonly both: string;
  /** Runs SQL on one of them. */
  query(server: 'primary' | 'standby', sql: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  /** Ends the primary as a loss of power would: with SIGKILL, all of its processes. */
  killPrimary(): void;
  promote(): Promise<void>;
  stop(): Promise<void>;
}

/** Starts a primary and a streaming standby that has applied whatever the primary has said is committed. */
export async function startPair(): Promise<PostgresPair> {
  const first = await initPostgres();
  const second = await copyPostgres(first, { 'standby.signal': '' });
  const running: PostgresServer[] = [];
  const stop = async () => {
    for (const server of running.reverse()) await server.stop();
  };
  try {
    const primary = await runPostgres(first);
    running.push(primary);
    const { port, password } = new URL(primary.url);
    const standby = await runPostgres(second, {
      primary_conninfo: `host=127.0.0.1 port=${port} user=postgres password=${password} application_name=standby`,
      hot_standby: 'on',
    });
    running.push(standby);
    const of = (url: string, database: string) => {
      const there = new URL(url);
      there.pathname = `/${database}`;
      return there.href;
    };
    const urls = { primary: of(primary.url, 'auth'), standby: of(standby.url, 'auth') };
    const run = async (url: string, sql: string, values: unknown[] = []) => {
      const client = new pg.Client({ connectionString: url });
      client.on('error', () => undefined);
      await client.connect();
      try {
        return (await client.query(sql, values)).rows;
      } finally {
        await client.end();
      }
    };
    const settle = async () => {
      for (;;) {
        const [row] = await run(
          primary.url,
          "SELECT 1 FROM pg_stat_replication WHERE application_name = 'standby' AND state = 'streaming'",
        );
        if (row !== undefined) return;
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    };
    await settle();
    // From here on a COMMIT is only answered when the standby shows it.
    await run(primary.url, "ALTER SYSTEM SET synchronous_standby_names = '*'");
    await run(primary.url, 'SELECT pg_reload_conf()');
    await run(primary.url, 'CREATE DATABASE auth');
    await run(primary.url, "ALTER DATABASE auth SET synchronous_commit = 'remote_apply'");
    return {
      ...urls,
      both: urls.primary.replace(
        '/auth',
        `,127.0.0.1:${new URL(standby.url).port}/auth?target_session_attrs=read-write`,
      ),
      query: (server, sql, values) => run(urls[server], sql, values),
      killPrimary() {
        const [pid] = readFileSync(join(first.folder, 'data', 'postmaster.pid'), 'utf8').split('\n');
        const children = childrenOf(Number(pid));
        for (const each of [Number(pid), ...children]) {
          try {
            process.kill(each, 'SIGKILL');
          } catch {
            // It has ended by itself.
          }
        }
      },
      async promote() {
        await run(standby.url, 'SELECT pg_promote(true, 60)');
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((name) => {
      try {
        const [, parent] = /^\d+ \(.*\) \S (\d+) /s.exec(readFileSync(`/proc/${name}/stat`, 'utf8')) ?? [];
        return Number(parent) === pid;
      } catch {
        return false;
      }
    })
    .map(Number);
}
