// Run as a process of its own, which takes a lock, says so, and keeps it until it is killed.
const [compiled, settings, driver] = process.argv.slice(2);
const load = (module) => import(`${compiled}/src/${module}.js`);
const { connect } = await load('db/connect/connect');
const { withLock } = await load('db/transactions/locks');
const { coreApps } = await load('registry/core');
const { createRegistry } = await load('registry/define');

const connection = await connect(JSON.parse(settings), createRegistry(coreApps), { driver });
await withLock(connection, 'migrate', { wait: true }, async () => {
  process.stdout.write('held\n');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
});
