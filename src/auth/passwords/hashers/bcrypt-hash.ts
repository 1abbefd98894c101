import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** From here on a hash takes longer than to start a thread for it. */
const roundsOfThread = 10;

const program = `
const { parentPort, workerData: { library, password, salt } } = require('node:worker_threads');
parentPort.postMessage(require(library).hashSync(password, salt));
`;

/** The bcrypt hash of a password. Those that take long are made in a thread of their own, and keep nobody waiting. */
export async function bcryptHash(password: string, salt: string): Promise<string> {
  if (Number(salt.slice(4, 6)) < roundsOfThread) {
    const { hash } = await import('bcryptjs');
    return hash(password, salt);
  }
  const library = createRequire(import.meta.url).resolve('bcryptjs');
  return new Promise((resolve, reject) => {
    const thread = new Worker(program, { eval: true, execArgv: [], workerData: { library, password, salt } });
    thread.once('message', resolve).once('error', reject);
  });
}
