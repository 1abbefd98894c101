// pgbouncer in transaction mode before a PostgreSQL server, for bench/sessions.js.
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Starts it, or gives undefined where it is not installed. */
export function startPgbouncer(server, folder, port = 16432) {
  if (spawnSync('pgbouncer', ['--version']).status !== 0) return undefined;
  const { hostname, port: serverPort, username, password } = new URL(server);
  const home = join(folder, 'pgbouncer');
  mkdirSync(home, { recursive: true });
  const login = password === '' ? '' : ` password=${decodeURIComponent(password)}`;
  writeFileSync(
    join(home, 'pgbouncer.ini'),
    [
      '[databases]',
      `* = host=${hostname} port=${serverPort || 5432} user=${decodeURIComponent(username)}${login}`,
      '[pgbouncer]',
      'listen_addr = 127.0.0.1',
      `listen_port = ${port}`,
      'unix_socket_dir =',
      'auth_type = any',
      'pool_mode = transaction',
      'default_pool_size = 5',
      'ignore_startup_parameters = extra_float_digits',
      '',
    ].join('\n'),
  );
  for (const path of [folder, home]) chmodSync(path, 0o755);
  // It refuses to run as root.
  const user = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  const bouncer = spawn('pgbouncer', [...user, '-q', join(home, 'pgbouncer.ini')], { stdio: 'inherit' });
  return {
    through: (url) => Object.assign(new URL(url), { hostname: '127.0.0.1', port: String(port) }).href,
    stop: () => bouncer.kill('SIGINT'),
  };
}
