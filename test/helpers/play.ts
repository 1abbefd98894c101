import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

/** What to wait for on the screen, and what to do then. */
export type Step = { readonly expect: string } & ({ readonly send: string } | { readonly signal: number });

export interface Played {
  readonly screen: string;
  readonly status: number;
  readonly hanging: boolean;
  readonly restored: boolean;
}

/** Runs `manage` on a real terminal, and plays what is typed there. */
export async function play(
  args: readonly string[],
  steps: readonly Step[],
  {
    cwd,
    env = {},
    columns = 80,
    ...streams
  }: { cwd: string; env?: Record<string, string>; columns?: number; stdout?: string; stderr?: string },
): Promise<Played> {
  const { PATH, HOME, XDG_CACHE_HOME } = process.env;
  const child = spawn(process.env.DJANGO_PYTHON ?? 'python3', [join(import.meta.dirname, '../django/terminal.py')]);
  const argv = [process.execPath, join(import.meta.dirname, '../../bin/manage.js'), ...args];
  child.stdin.end(
    JSON.stringify({
      argv,
      steps,
      cwd,
      columns,
      env: { PATH, HOME, XDG_CACHE_HOME, TERM: 'xterm', NO_COLOR: '1', ...env },
      ...streams,
    }),
  );
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(stderr);
  return JSON.parse(stdout);
}
