import type { Knex } from 'knex';
import { localText, utc, type Zone } from '../../values/moments.js';

// A column of SQLite may hold a moment in any form, and texts that mean the same are not equal. In these expressions `??`
// stands for the column; they say the same as `readSqlite`, and NULL of what they cannot read.

/** Whether it is as Django writes it: texts of this form are in the order of what they mean. */
const IS_PLAIN =
  "(typeof(??) = 'text' AND datetime(??) = substr(??, 1, 19) AND substr(??, 12, 2) < '24' AND substr(??, 1, 4) > '0000' " +
  "AND substr(??, 11) NOT GLOB '*[-+zZ]*')";
const IS_DATED =
  "(?? GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]*' AND date(substr(??, 1, 10)) = substr(??, 1, 10) AND substr(??, 1, 4) > '0000')";
const HAS_OFFSET = "substr(??, 11) GLOB '*[-+zZ]*'";
const FORM = '%Y-%m-%d %H:%M:%f';
/** Seconds or milliseconds since 1970, by their size: see `epochText`. */
const FROM_NUMBER =
  "CASE WHEN ?? NOT GLOB '*[^0-9.]*' THEN CASE " +
  `WHEN CAST(?? AS REAL) >= 1e11 THEN strftime('${FORM}', CAST(?? AS REAL) / 1000, 'unixepoch') ` +
  `WHEN CAST(?? AS REAL) >= 1e8 THEN strftime('${FORM}', CAST(?? AS REAL), 'unixepoch') END END`;
const FROM_TEXT = `strftime('${FORM}', ??)`;

const raw = (executor: Knex, sql: string, column: string, values: readonly (string | number)[] = []) => {
  let at = 0;
  const bindings: (string | number)[] = [];
  for (const [mark] of sql.matchAll(/\?\?|\?/g)) bindings.push(mark === '??' ? column : (values[at++] ?? ''));
  return executor.raw(sql, bindings);
};

/** See `Dialect.compareMoments`. */
export function compareSqliteMoments(
  executor: Knex,
  column: string,
  operator: '<' | '>',
  moment: string,
  zone: Zone,
): Knex.Raw {
  const exact = localText(moment, zone) ?? moment;
  const [local, inUtc] = [exact, localText(moment, utc) ?? moment].map((text) => `${text}.000`.slice(0, 23));
  const compare =
    `CASE WHEN ${IS_PLAIN} THEN ?? ${operator} ? ` +
    `WHEN NOT ${IS_DATED} THEN ${FROM_NUMBER} ${operator} ? ` +
    `WHEN ${HAS_OFFSET} THEN ${FROM_TEXT} ${operator} ? ELSE ${FROM_TEXT} ${operator} ? END`;
  const values = [exact, `${inUtc}`, `${inUtc}`, `${local}`];
  if (operator === '>') return raw(executor, `(${compare})`, column, values);
  // An index is used for what comes first. Whatever its offset, a text of that time begins with an earlier day than this.
  return raw(executor, `(?? < ? AND ${compare})`, column, [dayAfter(moment), ...values]);
}

function dayAfter(moment: string): string {
  return new Date(Date.parse(moment.slice(0, 19).concat('Z')) + 2 * 86_400_000).toISOString().slice(0, 10);
}

/** See `Dialect.oddMoments`. */
export function oddSqliteMoments(executor: Knex, column: string) {
  const isOdd = `(?? IS NOT NULL AND COALESCE(${IS_PLAIN}, 0) = 0)`;
  const instant = `CASE WHEN ${IS_DATED} THEN ${FROM_TEXT} ELSE ${FROM_NUMBER} END`;
  return {
    otherForm: raw(executor, isOdd, column),
    unreadable: raw(executor, `(${isOdd} AND ${instant} IS NULL)`, column),
  };
}
