import { namesDigest } from '../../registry/names.js';

/** Names are at most this long where the database sets no limit (Django 5.2 db/backends/base/schema.py). */
const unlimited = 200;

/**
 * Name of an index or constraint of its own (Django 5.2 db/backends/base/schema.py, `_create_index_name`): table,
 * columns, then a digest of both with `suffix` behind it, each cut so that the name fits.
 */
export function indexName(
  table: string,
  columns: readonly string[],
  suffix: string,
  maxNameLength: number | undefined,
): string {
  const max = maxNameLength ?? unlimited;
  const joined = columns.join('_');
  const ending = namesDigest([table, ...columns], 8) + suffix;
  const full = `${table}_${joined}_${ending}`;
  if (length(full) <= max) return full;
  const shortEnding = length(ending) > max / 3 ? cut(ending, Math.floor(max / 3)) : ending;
  const rest = Math.floor((max - length(shortEnding)) / 2) - 1;
  const name = `${cut(table, rest)}_${cut(joined, rest)}_${shortEnding}`;
  return /^[_\d]/.test(name) ? `D${cut(name, length(name) - 1)}` : name;
}

export function uniqueName(table: string, columns: readonly string[], maxNameLength: number | undefined): string {
  return indexName(table, columns, '_uniq', maxNameLength);
}

export function foreignKeyName(
  table: string,
  column: string,
  references: { readonly table: string; readonly column: string },
  maxNameLength: number | undefined,
): string {
  return indexName(table, [column], `_fk_${references.table}_${references.column}`, maxNameLength);
}

/**
 * Name of an index that a model declares without naming it (Django 5.2 db/models/indexes.py, `set_name_with_model`).
 * A column with `-` before it is in descending order.
 */
export function declaredIndexName(table: string, columns: readonly string[]): string {
  const first = (columns[0] ?? '').replace(/^-/, '');
  const name = `${cut(table, 11)}_${cut(first, 7)}_${namesDigest([table, ...columns, 'idx'], 6)}_idx`;
  return /^[_\d]/.test(name) ? `D${name.slice(1)}` : name;
}

// Python counts characters, JavaScript UTF-16 units: they differ beyond the basic plane.
const length = (text: string) => Array.from(text).length;
const cut = (text: string, end: number) => Array.from(text).slice(0, end).join('');
