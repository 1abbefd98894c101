/** SQL without places for values, as Knex takes it: a question mark in it is one. */
export const sqlAsIs = (sql: string): string => sql.replaceAll('?', '\\?');

/**
 * A statement as Knex has it, with `place` for each value, and the question marks that are none. What Knex does itself drops all
 * backslashes before a question mark, which a name or a text may have.
 */
export const withPlaces = (sql: string, place: () => string): string =>
  sql.replace(/\\\?|\?/g, (mark) => (mark === '?' ? place() : '?'));
