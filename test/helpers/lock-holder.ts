// Run as a process of its own, which takes a lock, says so, and keeps it until it is killed.
import { connect } from '../../src/db/connect/connect.js';
import { withLock } from '../../src/db/transactions/locks.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import type { ParsedDatabase } from '../../src/settings/settings.js';

const { settings, driver }: { settings: ParsedDatabase; driver: 'sqlite3' | 'node:sqlite' } = JSON.parse(
  process.argv[2] ?? '',
);
const connection = await connect(settings, createRegistry(coreApps), { driver });
await withLock(connection, 'migrate', { wait: true }, async () => {
  process.stdout.write('held\n');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
