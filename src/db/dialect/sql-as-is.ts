/** SQL without places for values, as Knex takes it: a question mark in it is one. */
export const sqlAsIs = (sql: string): string => sql.replaceAll('?', '\\?');
