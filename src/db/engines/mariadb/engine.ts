import type { Engine } from '../engine.js';
import { isLocalHost } from '../url-parts.js';
import { type MariadbTarget, parseMariadbUrl } from './url.js';

/** MariaDB and MySQL. */
export const mariadb: Engine<MariadbTarget> = {
  schemes: ['mysql', 'mariadb'],
  exampleUrl: 'mysql://host/name',
  maxNameLength: 64,
  parseUrl: parseMariadbUrl,
  open: async (target, options) => (await import('./open.js')).openMariadb(target, options),
  peek: async (target, questions, options) => (await import('./peek.js')).peekMariadb(target, questions, options),
  reset: async (target, options) => (await import('./reset.js')).resetMariadb(target, options),
  clientProgram: async (target, options) => (await import('./client-program.js')).mariadbProgram(target, options),
  async exposuresOf({ host: first, socket, others = [], sslMode }) {
    const hosts = [...(socket === undefined ? [first] : []), ...others.map((each) => each.host)].filter(
      (each) => !isLocalHost(each),
    );
    if (hosts.length === 0) return [];
    const host = hosts.join(', ');
    if (sslMode === 'disabled' || sslMode === 'preferred') {
      const message = `With ssl-mode=${sslMode} traffic with ${host} can be read on the way.`;
      return [{ kind: 'unencrypted', message }];
    }
    if (sslMode === 'verify_identity') return [];
    return [{ kind: 'unverified', message: `With ssl-mode=${sslMode} another server could pretend to be ${host}.` }];
  },
};
