import type { Engine } from '../engine.js';
import { isLocalHost } from '../url-parts.js';
import { type PostgresTarget, parsePostgresUrl } from './url.js';

export const postgres: Engine<PostgresTarget> = {
  schemes: ['postgres', 'postgresql'],
  exampleUrl: 'postgres://host/name',
  maxNameLength: 63,
  parseUrl: parsePostgresUrl,
  open: async (target, options) => (await import('./open.js')).openPostgres(target, options),
  peek: async (target, questions, options) => (await import('./peek.js')).peekPostgres(target, questions, options),
  reset: async (target, options) => (await import('./reset.js')).resetPostgres(target, options),
  clientProgram: async (target, options) => (await import('./client-program.js')).postgresProgram(target, options),
  async exposuresOf({ host: first, others = [], sslMode }) {
    const hosts = [first, ...others.map((each) => each.host)].filter((each) => !isLocalHost(each));
    if (hosts.length === 0) return [];
    const host = hosts.join(', ');
    if (sslMode === 'disable' || sslMode === 'allow' || sslMode === 'prefer') {
      const message = `With sslmode=${sslMode} traffic with ${host} can be read on the way.`;
      return [{ kind: 'unencrypted', message }];
    }
    if (sslMode === 'verify-full') return [];
    return [{ kind: 'unverified', message: `With sslmode=${sslMode} another server could pretend to be ${host}.` }];
  },
};
