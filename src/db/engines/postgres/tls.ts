import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import { CommandError } from '../../../errors.js';
import { homeFolder } from '../../../modules/home.js';
import type { PostgresTarget } from './url.js';

/** What pg takes: no TLS, or how. */
export type Tls = false | ConnectionOptions;

const unverified: Tls = { rejectUnauthorized: false };

/**
 * The ways to connect that an sslmode allows, in the order in which they are tried, with libpq's meaning
 * (postgresql.org/docs/current/libpq-ssl.html): `require` encrypts and trusts any certificate unless a root certificate
 * is named, `verify-ca` trusts any host name, and over a socket there is no TLS.
 */
export async function tlsAttempts(target: PostgresTarget, host: string): Promise<Tls[]> {
  if (target.sslRootCert === 'system' && target.sslMode !== 'verify-full') {
    throw new CommandError(`The sslmode '${target.sslMode}' is too weak for \`sslrootcert=system\`.`, {
      code: 'tls_failed',
      hint: 'Use `sslmode=verify-full` in the database URL, or name a root certificate.',
    });
  }
  if (host.startsWith('/')) return [false];
  switch (target.sslMode) {
    case 'disable':
      return [false];
    case 'allow':
      return [false, unverified];
    case 'prefer':
      return [unverified, false];
    case 'require':
      return [target.sslRootCert === undefined ? unverified : await verified(target)];
    case 'verify-ca':
      return [await verified(target)];
    case 'verify-full':
      return [
        {
          ...(await verified(target)),
          checkServerIdentity: (_name, cert) => checkServerIdentity(host, cert),
        },
      ];
  }
}

/**
 * Verifies the certificate, and not yet its name. The public authorities that Node trusts sign for everybody: without a
 * root certificate they are not asked, and `system`, which stands for them, is no use where the name is not verified.
 */
async function verified({ sslRootCert: rootCert }: PostgresTarget): Promise<ConnectionOptions> {
  const options: ConnectionOptions = { rejectUnauthorized: true, checkServerIdentity: () => undefined };
  if (rootCert === 'system') return options;
  const home = homeFolder();
  const file = rootCert ?? join(home ?? '~', '.postgresql', 'root.crt');
  try {
    return { ...options, ca: await readFile(file, 'utf8') };
  } catch (cause) {
    throw new CommandError(`The root certificate '${file}' cannot be read.`, {
      code: 'tls_failed',
      hint: 'Correct sslrootcert in the database URL; with verify-full, `sslrootcert=system` trusts what Node trusts.',
      cause,
    });
  }
}

/** Whether the next way may be tried after this error: the server or its rules refuse this one. */
export function refusesThisWay(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  return code === '28000' || /^ERR_SSL|^EPROTO$|^ECONNRESET$/.test(code) || /SSL/.test(error.message);
}
