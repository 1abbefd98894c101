import type { ClientOptions, ClientProgram } from '../engine.js';
import type { PostgresTarget } from './url.js';

export function postgresProgram(
  { host, port, user, password, database, schema, sslMode, sslRootCert }: PostgresTarget,
  { args, stopAtError }: ClientOptions,
): ClientProgram {
  const option = (name: string, value: string | number | undefined) => (value === undefined ? [] : [name, `${value}`]);
  const variable = (name: string, value: string | undefined) => (value === undefined ? {} : { [name]: value });
  return {
    program: 'psql',
    args: [
      ...option('-U', user),
      ...option('-h', host),
      ...option('-p', port),
      ...(stopAtError ? ['-v', 'ON_ERROR_STOP=1'] : []),
      ...args,
      ...(database === undefined ? [] : [database]),
    ],
    env: {
      ...variable('PGPASSWORD', password),
      PGSSLMODE: sslMode,
      ...variable('PGSSLROOTCERT', sslRootCert),
      ...variable(
        'PGOPTIONS',
        schema === undefined ? undefined : `-csearch_path=${schema.replace(/([\\ ])/g, '\\$1')}`,
      ),
    },
  };
}
