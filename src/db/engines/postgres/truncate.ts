import { quote } from '../../dialect/sql-text.js';
import type { EmptiedTable } from '../../write/truncate.js';
import { resetSequencesSql } from './sequences.js';
import { quoteText } from './sql-text.js';

const named = ({ table, place }: EmptiedTable) =>
  place === undefined ? quote(table) : `${quote(place.schema)}.${quote(place.name)}`;

/**
 * Django 5.2 db/backends/postgresql/operations.py, `sql_flush`: one TRUNCATE. The server refuses that for tables which
 * others refer to, even where no row does, so that their rows are deleted instead.
 */
export function emptySql(tables: readonly EmptiedTable[]): string[] {
  const cut = tables.filter(({ where, referenced }) => where === undefined && !referenced);
  const deleted = tables.filter((table) => !cut.includes(table));
  const restarted = deleted.filter(({ where }) => where === undefined);
  return [
    ...(cut.length === 0 ? [] : [`TRUNCATE ${cut.map(named).join(', ')} RESTART IDENTITY;`]),
    ...deleted.map(
      (table) => `DELETE FROM ${named(table)}${table.where === undefined ? '' : ` WHERE ${table.where}`};`,
    ),
    ...restarted.flatMap(({ table, generatedKey }) =>
      generatedKey === undefined
        ? []
        : [`SELECT setval(pg_get_serial_sequence(${quoteText(quote(table))},${quoteText(generatedKey)}), 1, false);`],
    ),
    ...deleted.flatMap(({ table, where, generatedKey }) =>
      where === undefined || generatedKey === undefined ? [] : resetSequencesSql([{ table, column: generatedKey }]),
    ),
  ];
}
