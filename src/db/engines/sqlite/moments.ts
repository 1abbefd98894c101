import type { Knex } from 'knex';
import type { MomentOperator } from '../../dialect/values.js';
import {
  AFTER_LAST_YEAR,
  LAST_YEAR,
  localText,
  SMALLEST_MICROS,
  SMALLEST_MS,
  SMALLEST_SECONDS,
  utc,
  type Zone,
} from '../../values/moments.js';

// A column of SQLite may hold a moment in any form, and texts that mean the same are not equal. In these expressions `??`
// stands for the column; they say the same as `readSqlite`, and NULL of what they cannot read.

/** Whether it is as Django writes it: texts of this form are in the order of what they mean. */
const IS_PLAIN =
  "(typeof(??) = 'text' AND datetime(??) = substr(??, 1, 19) AND substr(??, 12, 2) < '24' AND substr(??, 1, 4) > '0000' " +
  "AND substr(??, 11) NOT GLOB '*[-+zZ]*')";
const FORM = '%Y-%m-%d %H:%M:%f';
const DIGITS = (count: number) => '[0-9]'.repeat(count);
/** A day that SQLite takes for a number of the column's own affinity is one of eight digits: others are counted from 1970. */
const IS_NUMBER = `(?? NOT GLOB '*[^0-9.]*' AND ?? NOT GLOB '${DIGITS(8)}')`;
/** Seconds, milliseconds or microseconds since 1970, by their size: see `epochText`. */
const FROM_NUMBER =
  '(SELECT CASE ' +
  `WHEN n >= ${SMALLEST_MICROS} THEN strftime('${FORM}', n / 1e6, 'unixepoch') ` +
  `WHEN n >= ${SMALLEST_MS} AND (n < ${LAST_YEAR} OR n >= ${AFTER_LAST_YEAR}) THEN strftime('${FORM}', n / 1000, 'unixepoch') ` +
  `WHEN n >= ${SMALLEST_SECONDS} THEN strftime('${FORM}', n, 'unixepoch') END FROM (SELECT CAST(?? AS REAL) AS n))`;
const HAS_OFFSET = "substr(??, 11) GLOB '*[-+zZ]*'";
const isOneOf = (name: string, patterns: readonly string[]) =>
  `(${patterns.map((pattern) => `${name} GLOB '${pattern}'`).join(' OR ')})`;
const [TWO, FOUR, SIX] = [DIGITS(2), DIGITS(4), DIGITS(6)];
const CLOCKS = [
  '',
  TWO,
  FOUR,
  SIX,
  `${SIX}.[0-9]*`,
  `${TWO}:${TWO}`,
  `${TWO}:${TWO}:${TWO}`,
  `${TWO}:${TWO}:${TWO}.[0-9]*`,
];
const OFFSETS = [
  '',
  '[zZ]',
  ...[TWO, FOUR, SIX, `${TWO}:${TWO}`, `${TWO}:${TWO}:${TWO}`, `${TWO}:${FOUR}`, `${FOUR}:${TWO}`].map(
    (form) => `[-+]${form}`,
  ),
];
/**
 * Keeps SQLite from putting a subquery's expressions into the query around it, again for each place where they are named: to prepare
 * such a statement took 40 ms (restriction 14 of its flattener: sqlite.org/optoverview.html#flattening).
 */
const APART = ' LIMIT 1 OFFSET 0';
const DAY = `${FOUR}-${TWO}-${TWO}`;
/** Parts of one digit, as Django reads them, from left to right: what such a text looks like, and where its zero is missing. */
const ONE_DIGIT: readonly (readonly [at: number, patterns: readonly string[]])[] = [
  [6, [`${FOUR}-[0-9]-*`]],
  [9, [`${FOUR}-${TWO}-[0-9]`, `${FOUR}-${TWO}-[0-9][Tt ]*`]],
  [12, [`${DAY}[Tt ][0-9]:*`]],
  [15, [`${DAY}[Tt ]${TWO}:[0-9]`, `${DAY}[Tt ]${TWO}:[0-9][^0-9]*`]],
  [18, [`${DAY}[Tt ]${TWO}:${TWO}:[0-9]`, `${DAY}[Tt ]${TWO}:${TWO}:[0-9][^0-9]*`]],
];
/** The text `u` with two digits in each part. Nearly all have them, and are not looked at further. */
const PADDED =
  `CASE WHEN u GLOB '${DAY}[Tt ]${TWO}:${TWO}:${TWO}*' OR u GLOB '${DIGITS(8)}*' THEN u ELSE (` +
  ONE_DIGIT.reduce(
    (from, [at, patterns]) =>
      `SELECT CASE WHEN ${isOneOf('p', patterns)} THEN substr(p, 1, ${at - 1}) || '0' || substr(p, ${at}) ELSE p END AS p FROM (${from}${APART})`,
    'SELECT u AS p',
  ) +
  ') END';
/**
 * ISO forms in UTC where they have an offset, else in local time. From the inside out: a comma for the point; the day and what
 * follows it; the clock and the offset, which begins at `e`; their digits.
 */
const FROM_TEXT =
  "(SELECT CASE WHEN date(d) = d AND d > '0001' AND h < '24' AND m < '60' AND s < '60' AND abs(o) < 86400 " +
  `THEN strftime('${FORM}', d || ' ' || h || ':' || m || ':' || s || f, printf('%+d seconds', -o)) END FROM (` +
  "SELECT d, substr(c || '000000', 1, 2) AS h, substr(c || '0000', 3, 2) AS m, " +
  "CASE WHEN length(c) > 4 THEN substr(c, 5, 2) ELSE '00' END AS s, substr(c, 7) AS f, " +
  'CASE substr(z, 1, 1) ' +
  `WHEN '+' THEN 1 WHEN '-' THEN -1 ELSE 0 END * (substr(y, 2, 2) * 3600 + substr(y, 4, 2) * 60 + substr(y, 6, 2)) AS o FROM (` +
  `SELECT d, z, replace(k, ':', '') AS c, replace(z, ':', '') AS y FROM (` +
  'SELECT d, rtrim(substr(x, 1, e - 1)) AS k, substr(x, e) AS z FROM (' +
  "SELECT d, x, CASE WHEN x GLOB '*[zZ]' THEN length(x) WHEN x LIKE '%+%' THEN instr(x, '+') " +
  "WHEN x LIKE '%-%' THEN instr(x, '-') ELSE length(x) + 1 END AS e FROM (" +
  "SELECT d, CASE WHEN r = '' OR r GLOB '[Tt ][0-9]*' THEN substr(r, 2) END AS x FROM (" +
  `SELECT CASE WHEN t GLOB '${DIGITS(8)}*' THEN substr(t, 1, 4) || '-' || substr(t, 5, 2) || '-' || substr(t, 7, 2) ` +
  `WHEN t GLOB '${FOUR}-${TWO}-${TWO}*' THEN substr(t, 1, 10) END AS d, ` +
  `CASE WHEN t GLOB '${DIGITS(8)}*' THEN substr(t, 9) ELSE substr(t, 11) END AS r FROM (` +
  `SELECT ${PADDED} AS t FROM (SELECT replace(?? || '', ',', '.') AS u${APART})${APART})${APART})${APART})${APART})${APART}) ` +
  `WHERE ${isOneOf('k', CLOCKS)} AND substr(k, 7) NOT GLOB '*[^0-9.:]*' AND k NOT LIKE '%.%.%' AND ${isOneOf('z', OFFSETS)}${APART})${APART}))`;

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
  operator: MomentOperator,
  moment: string,
  zone: Zone,
): Knex.Raw {
  const exact = localText(moment, zone) ?? moment;
  const [local, inUtc] = [exact, localText(moment, utc) ?? moment].map((text) => `${text}.000`.slice(0, 23));
  const compare =
    `CASE WHEN ${IS_PLAIN} THEN ?? ${operator} ? ` +
    `WHEN ${IS_NUMBER} THEN ${FROM_NUMBER} ${operator} ? ` +
    `ELSE ${FROM_TEXT} ${operator} CASE WHEN ${HAS_OFFSET} THEN ? ELSE ? END END`;
  const values = [exact, `${inUtc}`, `${inUtc}`, `${local}`];
  if (operator === '>') return raw(executor, `(${compare})`, column, values);
  // An index is used for what comes first. Whatever its offset, a text of that time begins with an earlier day than this, and
  // days without hyphens are behind all others of their year.
  const day = dayAfter(moment);
  const year = day.slice(0, 4);
  const month = day.slice(0, 7);
  const ranges = [
    [`${year}/`, `${day.replaceAll('-', '')}T`],
    // Months and days of one digit, which are behind others that are later.
    [`${year}-1-`, `${year}-1.`],
    [`${year}-2`, `${year}-:`],
    ...['1', '2', '3'].flatMap((digit) => [
      [`${month}-${digit}`, `${month}-${digit}!`],
      [`${month}-${digit}:`, `${month}-${Number(digit) + 1}`],
    ]),
    [`${month}-4`, `${month}-:`],
  ];
  const among = ranges.map(() => '(?? >= ? AND ?? < ?)').join(' OR ');
  return raw(executor, `((?? < ? OR ${among}) AND ${compare})`, column, [day, ...ranges.flat(), ...values]);
}

function dayAfter(moment: string): string {
  return new Date(Date.parse(moment.slice(0, 19).concat('Z')) + 2 * 86_400_000).toISOString().slice(0, 10);
}

/** See `Dialect.oddMoments`. */
export function oddSqliteMoments(executor: Knex, column: string) {
  const isOdd = `(?? IS NOT NULL AND COALESCE(${IS_PLAIN}, 0) = 0)`;
  const instant = `CASE WHEN ${IS_NUMBER} THEN ${FROM_NUMBER} ELSE ${FROM_TEXT} END`;
  return {
    otherForm: raw(executor, isOdd, column),
    unreadable: raw(executor, `(${isOdd} AND ${instant} IS NULL)`, column),
  };
}
