import type { ClientOptions, ClientProgram } from '../engine.js';
import type { PostgresTarget } from './url.js';

export function postgresProgram(
  { host, port, others = [], sessionAttrs, user, password, database, schema, sslMode, sslRootCert }: PostgresTarget,
  { args, stopAtError }: ClientOptions,
): ClientProgram {
  const option = (name: string, value: string | number | undefined) => (value === undefined ? [] : [name, `${value}`]);
  const variable = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: value });
  // psql takes as many as libpq does, and the port of a server that has none of its own is the usual one.
  const all = [{ host, port }, ...others];
  const list = (values: readonly (string | number | undefined)[]) =>
    values.every((value) => value === undefined) ? undefined : values.map((value) => value ?? '').join(',');
  return {
    program: 'psql',
    args: [
      ...option('-U', user),
      ...option('-h', list(all.map((each) => each.host))),
      ...option('-p', list(all.map((each) => each.port))),
      ...(stopAtError ? ['-v', 'ON_ERROR_STOP=1'] : []),
      ...args,
      ...(database === undefined ? [] : [database]),
    ],
    env: {
      ...variable('PGPASSWORD', password),
      PGSSLMODE: sslMode,
      ...variable('PGTARGETSESSIONATTRS', sessionAttrs),
      ...variable('PGSSLROOTCERT', sslRootCert),
      ...variable(
        'PGOPTIONS',
        schema === undefined ? undefined : `-csearch_path=${schema.replace(/([\\ ])/g, '\\$1')}`,
      ),
    },
  };
}
