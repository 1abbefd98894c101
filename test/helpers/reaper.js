// Ends the processes whose ids it is told on stdin (`+12`, and `-12` once that has ended) and removes a folder when its stdin
// is closed: a test run that is killed leaves no servers behind.
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';

const running = new Set();
createInterface({ input: process.stdin })
  .on('line', (line) =>
    line.startsWith('+') ? running.add(Number(line.slice(1))) : running.delete(Number(line.slice(1))),
  )
  .on('close', () => {
    for (const pid of running) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    rmSync(process.argv[2], { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  });
