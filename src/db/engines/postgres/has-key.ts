import type { Knex } from 'knex';
import { isInteger, isText } from '../../../registry/field-types.js';
import type { Executor } from '../../connect/executor.js';
import type { KeyColumn } from '../../dialect/sql.js';

/** Texts that are the one way to write a number of up to 18 digits, which all fit; and those that may be a longer one. */
const short = "'^(0|-{0,1}[1-9][0-9]{0,17})$'";
const long = "'^-{0,1}[1-9][0-9]{18}$'";
const fits = 'CAST(?? AS numeric) BETWEEN -9223372036854775808 AND 9223372036854775807';
const number = `CASE WHEN ?? ~ ${short} THEN CAST(?? AS bigint)
  WHEN ?? ~ ${long} THEN CASE WHEN ${fits} THEN CAST(?? AS bigint) END END`;
const uuid = "CASE WHEN ?? ~* '^[0-9a-f]{8}(-{0,1}[0-9a-f]{4}){3}-{0,1}[0-9a-f]{12}$' THEN CAST(?? AS uuid) END";

/** See `Dialect.hasKey`: what is no key is none of the table, where a cast would fail. */
export function postgresHasKey(executor: Executor, { table, column, field }: KeyColumn, text: string): Knex.Raw {
  const { type } = field;
  const value = isInteger(type) ? number : isText(type) ? '??' : type === 'UUIDField' ? uuid : undefined;
  if (value === undefined) {
    return executor.raw('?? IN (SELECT CAST(?? AS text) FROM ??)', [text, `${table}.${column}`, table]);
  }
  const places = value.split('??').length - 1;
  const texts = Array.from({ length: places }, () => text);
  return executor.raw(`EXISTS (SELECT 1 FROM ?? WHERE ?? = ${value})`, [table, `${table}.${column}`, ...texts]);
}
