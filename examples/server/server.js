// A small site with logins: `npm run example`. PORT, DATABASE_URL and SECRET_KEY are read from the environment.
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import { join } from 'node:path';
import express from 'express';
import { CommandError, callCommand } from 'manage-auth';
import { openAuth } from 'manage-auth/web';
import { routes } from './routes.js';

const config = join(import.meta.dirname, 'manage.config.js');
const env = { ...process.env };
if (!env.SECRET_KEY) {
  env.SECRET_KEY = randomBytes(48).toString('base64url');
  console.error('SECRET_KEY is not set: all sessions end with this process.');
}

const port = Number(env.PORT || 8000);
if (!(Number.isInteger(port) && port >= 0 && port < 65_536)) {
  console.error(`PORT is '${env.PORT}': it must be a number from 0 to 65535.`);
  process.exit(1);
}

async function open() {
  await callCommand('migrate', ['--config', config, '--no-input'], { env });
  return openAuth({ config, env });
}

const auth = await open().catch((error) => {
  if (!(error instanceof CommandError)) throw error;
  console.error(error.hint === undefined ? error.message : `${error.message}\n${error.hint}`);
  process.exit(1);
});
const server = createServer(routes(express(), auth));
server.once('error', (error) => {
  console.error(`The server cannot listen: ${error.message}. PORT names another port.`);
  process.exitCode = 1;
  auth.close();
});
server.listen(port, () => {
  console.log(`The example is at http://localhost:${server.address().port}/`);
});

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    server.close(() => auth.close());
    server.closeIdleConnections();
    // Who has not sent all of a request by then is not waited for.
    setTimeout(() => server.closeAllConnections(), 5000).unref();
  });
}
