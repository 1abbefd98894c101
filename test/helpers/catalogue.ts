import type { Engine, TestDatabase } from './databases.js';

/** Everything that a schema consists of, one text for each object: independent of the program's own introspection. */
export type Catalogue = Record<string, string>;

/**
 * For each engine a query with the columns `object` and `text`. PostgreSQL 18 keeps NOT NULL among the constraints, and
 * other versions do not, so that kind is left out.
 */
export const catalogueSql: Record<Engine, string> = {
  sqlite: `SELECT type || ' ' || name AS object, sql AS text FROM sqlite_master
    WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%' ORDER BY 1`,
  postgres: `
    WITH ours AS (SELECT c.oid, c.relname, c.relkind FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace)
    SELECT 'table ' || t.relname AS object, (
      SELECT string_agg(concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
        CASE WHEN a.attnotnull THEN 'NOT NULL' END, 'DEFAULT ' || pg_get_expr(d.adbin, d.adrelid),
        CASE a.attidentity WHEN 'd' THEN 'IDENTITY BY DEFAULT' WHEN 'a' THEN 'IDENTITY ALWAYS' END), ', ' ORDER BY a.attnum)
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = t.oid AND a.attnum > 0 AND NOT a.attisdropped) AS text
    FROM ours t WHERE t.relkind = 'r'
    UNION ALL
    SELECT 'constraint ' || t.relname || ' ' || k.conname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN ours t ON t.oid = k.conrelid WHERE k.contype <> 'n'
    UNION ALL
    SELECT 'index ' || x.relname, pg_get_indexdef(x.oid) FROM ours x WHERE x.relkind = 'i'
    UNION ALL
    SELECT 'sequence ' || s.relname, concat_ws(' ', format_type(q.seqtypid, NULL), q.seqstart, q.seqincrement, q.seqmin,
      q.seqmax, q.seqcache, q.seqcycle)
    FROM ours s JOIN pg_sequence q ON q.seqrelid = s.oid
    UNION ALL
    SELECT 'view ' || v.relname, pg_get_viewdef(v.oid) FROM ours v WHERE v.relkind = 'v'
    ORDER BY 1`,
  mariadb: `
    SELECT concat('column ', table_name, ' ', ordinal_position) AS object, concat_ws(' ', column_name, column_type,
      is_nullable, column_default, extra, character_set_name, collation_name) AS text
    FROM information_schema.columns WHERE table_schema = database()
    UNION ALL
    SELECT concat('index ', table_name, ' ', index_name), concat(min(non_unique), ' ', group_concat(concat_ws(' ',
      column_name, collation, sub_part) ORDER BY seq_in_index)) FROM information_schema.statistics
    WHERE table_schema = database() GROUP BY table_name, index_name
    UNION ALL
    SELECT concat('reference ', table_name, ' ', constraint_name), concat_ws(' ', column_name, referenced_table_name,
      referenced_column_name) FROM information_schema.key_column_usage
    WHERE table_schema = database() AND referenced_table_name IS NOT NULL
    UNION ALL
    SELECT concat('check ', table_name, ' ', constraint_name), replace(check_clause, '"', char(96))
    FROM information_schema.check_constraints
    WHERE constraint_schema = database()
    ORDER BY 1`,
};

export async function readCatalogue(db: Pick<TestDatabase, 'engine' | 'query'>): Promise<Catalogue> {
  const rows = await db.query(catalogueSql[db.engine]);
  return Object.fromEntries(rows.map(({ object, text }) => [String(object), String(text)]));
}

/** Only the objects that belong to these tables, by their names. */
export function without(catalogue: Catalogue, unwanted: RegExp): Catalogue {
  return Object.fromEntries(Object.entries(catalogue).filter(([object]) => !unwanted.test(object)));
}

/** The same with the columns of each table in alphabetical order, where models and migrations need not agree on it. */
export function withSortedColumns(catalogue: Catalogue): Catalogue {
  return Object.fromEntries(
    Object.entries(catalogue).map(([object, text]) => {
      // MariaDB's columns are objects of their own, by their places.
      if (object.startsWith('column ')) return [object.replace(/\d+$/, text.split(' ')[0] ?? ''), text];
      if (!object.startsWith('table ')) return [object, text];
      const [, start = '', columns = '', end = ''] = /^(CREATE TABLE "[^"]*" \(|)(.*?)(\)|)$/.exec(text) ?? [];
      return [
        object,
        start +
          columns
            .split(/, (?!d)/)
            .toSorted()
            .join(', ') +
          end,
      ];
    }),
  );
}
