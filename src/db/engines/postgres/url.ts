import { resolve } from 'node:path';
import { CommandError } from '../../../errors.js';
import type { UrlContext } from '../engine.js';
import { badUrl, orUndefined, parseServerUrl, type ServerAddress, wrongEnvironment } from '../url-parts.js';

const sslModes = ['disable', 'allow', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

/** What libpq calls `target_session_attrs` (postgresql.org/docs/current/libpq-connect.html): which servers will do. */
const sessionAttrs = ['any', 'read-write', 'read-only', 'primary', 'standby', 'prefer-standby'] as const;

export type SessionAttrs = (typeof sessionAttrs)[number];

export interface PostgresTarget {
  readonly engine: 'postgres';
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Further servers, in the order in which they are tried. */
  readonly others?: readonly ServerAddress[];
  /** Which servers will do; by default any. */
  readonly sessionAttrs?: SessionAttrs;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly schema: string | undefined;
  readonly sslMode: (typeof sslModes)[number];
  readonly sslRootCert: string | undefined;
}

export function parsePostgresUrl(rest: string, context: UrlContext): PostgresTarget {
  const { given, ...place } = parseServerUrl(rest, {
    example: 'postgres://user:password@host:5432/name',
    parameters: ['schema', 'sslmode', 'sslrootcert', 'target_session_attrs'],
  });
  return {
    engine: 'postgres',
    ...place,
    ...parseSessionAttrs(given, context),
    schema: orUndefined(given.get('schema')),
    ...parseTls(given, context),
  };
}

function parseSessionAttrs(
  given: ReadonlyMap<string, string>,
  { lookup }: UrlContext,
): Pick<PostgresTarget, 'sessionAttrs'> {
  const written = orUndefined(given.get('target_session_attrs'));
  const variable = written === undefined ? lookup('PGTARGETSESSIONATTRS') : undefined;
  const wanted = written ?? orUndefined(variable?.value);
  if (wanted === undefined) return {};
  const known = sessionAttrs.find((attrs) => attrs === wanted);
  if (known !== undefined) return { sessionAttrs: known };
  const choices = `known are ${sessionAttrs.join(', ')}`;
  if (variable === undefined) throw badUrl(`its target_session_attrs is '${wanted}': ${choices}`);
  throw new CommandError(`PGTARGETSESSIONATTRS in ${variable.where} is '${wanted}': ${choices}.`, {
    code: wrongEnvironment,
  });
}

/** As in libpq, whose default with `system` is verify-full. */
function parseTls(given: ReadonlyMap<string, string>, { base, lookup }: UrlContext) {
  const mode = lookup('PGSSLMODE');
  const certificate = lookup('PGSSLROOTCERT');
  const absolute = (folder: string, file: string) => (file === 'system' ? file : resolve(folder, file));
  const written = given.get('sslrootcert');
  const sslRootCert =
    written === undefined
      ? certificate?.value && absolute(certificate.base, certificate.value)
      : written && absolute(base, written);
  const sslMode = given.get('sslmode') ?? (mode?.value || (sslRootCert === 'system' ? 'verify-full' : 'prefer'));
  const known = sslModes.find((mode) => mode === sslMode);
  if (known !== undefined) return { sslMode: known, sslRootCert: sslRootCert || undefined };
  const choices = `known are ${sslModes.join(', ')}`;
  if (given.has('sslmode')) throw badUrl(`its sslmode is '${sslMode}': ${choices}`);
  throw new CommandError(`PGSSLMODE in ${mode?.where} is '${sslMode}': ${choices}.`, { code: wrongEnvironment });
}
