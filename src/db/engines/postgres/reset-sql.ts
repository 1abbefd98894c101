import { quote } from '../../dialect/sql-text.js';
import { quoteText } from './sql-text.js';

/** What a database was made with: its row of `pg_database`, whose columns differ between versions of PostgreSQL. */
export interface Made {
  readonly owner: string;
  readonly encoding: string;
  readonly datcollate: string;
  readonly datctype: string;
  readonly datconnlimit: number;
  /** Where it is not the usual one, which only superusers may name. */
  readonly tablespace: string | null;
  /** Since 15: `c`, `i` for ICU, since 17 `b`. */
  readonly datlocprovider?: 'c' | 'i' | 'b';
  /** In 15 and 16. */
  readonly daticulocale?: string | null;
  /** Since 17. */
  readonly datlocale?: string | null;
  /** Since 16. */
  readonly daticurules?: string | null;
}

/** The statement that makes a new database like another one. */
export function createLikeSql(name: string, made: Made): string {
  const locale = made.datlocale ?? made.daticulocale ?? '';
  const provider = {
    c: 'LOCALE_PROVIDER libc',
    i: `LOCALE_PROVIDER icu ICU_LOCALE ${quoteText(locale)}`,
    b: `LOCALE_PROVIDER builtin BUILTIN_LOCALE ${quoteText(locale)}`,
  };
  return [
    `CREATE DATABASE ${quote(name)} OWNER ${quote(made.owner)} TEMPLATE template0`,
    `ENCODING ${quoteText(made.encoding)} LC_COLLATE ${quoteText(made.datcollate)} LC_CTYPE ${quoteText(made.datctype)}`,
    made.datlocprovider === undefined ? '' : provider[made.datlocprovider],
    made.daticurules ? `ICU_RULES ${quoteText(made.daticurules)}` : '',
    made.tablespace === null ? '' : `TABLESPACE ${quote(made.tablespace)}`,
    `CONNECTION LIMIT ${made.datconnlimit}`,
  ].join(' ');
}

/**
 * Statements that give the database $2 what $1 has been given since it was made: its comment, its settings, the rights to
 * it. Settings that are lists are stored with their quotes (PostgreSQL's `variable_is_guc_list_quote`).
 */
export const extrasSql = `
  WITH old AS (SELECT * FROM pg_catalog.pg_database WHERE datname = $1),
  setting AS (
    SELECT setrole, split_part(entry, '=', 1) AS name, substr(entry, strpos(entry, '=') + 1) AS value
    FROM old JOIN pg_catalog.pg_db_role_setting ON setdatabase = old.oid, unnest(setconfig) AS entry
  )
  SELECT 'the comment' AS what, format('COMMENT ON DATABASE %I IS %L', $2::text, pg_catalog.shobj_description(oid, 'pg_database')) AS sql
  FROM old WHERE pg_catalog.shobj_description(oid, 'pg_database') IS NOT NULL
  UNION ALL
  SELECT 'the setting ' || name, format('ALTER %s SET %s TO %s',
    CASE setrole WHEN 0 THEN format('DATABASE %I', $2::text)
      ELSE format('ROLE %I IN DATABASE %I', pg_catalog.pg_get_userbyid(setrole), $2::text) END,
    CASE WHEN strpos(name, '.') > 0 THEN name ELSE quote_ident(name) END,
    CASE WHEN value <> '' AND lower(name) IN ('search_path', 'temp_tablespaces', 'local_preload_libraries',
      'session_preload_libraries') THEN value ELSE quote_literal(value) END)
  FROM setting
  UNION ALL
  SELECT 'the rights to it', format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $2::text) FROM old WHERE datacl IS NOT NULL
  UNION ALL
  SELECT 'the rights to it', format('GRANT %s ON DATABASE %I TO %s%s', string_agg(privilege_type, ', '), $2::text,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_catalog.pg_get_userbyid(grantee)) END,
    CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
  FROM old, pg_catalog.aclexplode(datacl) GROUP BY grantee, is_grantable`;
