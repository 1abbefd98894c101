import { storedField } from '../../registry/define.js';
import type { Model, Registry } from '../../registry/types.js';
import type { BulkColumn } from '../dialect/bulk.js';
import type { Value } from '../dialect/values.js';

/** The columns of a model's key, in its order. */
export const keyColumns = (registry: Registry, { keyFields }: Pick<Model, 'keyFields'>): readonly BulkColumn[] =>
  keyFields.map((field) => ({ name: field.column, field: storedField(registry, field) }));

/** Bytes are the only values that JSON has no form for. */
const asJson = (value: Value) =>
  value instanceof Uint8Array ? { bytes: Buffer.from(value).toString('base64') } : value;

const ofJson = (json: unknown): Value =>
  typeof json === 'object' && json !== null && 'bytes' in json
    ? Buffer.from(String(json.bytes), 'base64')
    : (json as Value);

/** One value for the values of all columns of a key: where there are several, the text of a list of them. */
export function joinKey(values: readonly Value[]): Value {
  return values.length === 1 ? (values[0] ?? null) : JSON.stringify(values.map(asJson));
}

/** A key as a message shows it: `[1, "a"]` where it has several columns. */
export function shownKeyOf(columns: readonly unknown[], key: Value): string {
  if (columns.length === 1) return String(key);
  const shown = (part: Value) =>
    typeof part === 'string' && !/^-?\d+$/.test(part) ? JSON.stringify(part) : String(part);
  return `[${splitKey(columns, key).map(shown).join(', ')}]`;
}

/** The values that {@link joinKey} has joined, for a key of so many columns. */
export function splitKey(columns: readonly unknown[], key: Value): readonly Value[] {
  if (columns.length === 1) return [key];
  const list: unknown[] = key === null ? [] : JSON.parse(String(key));
  return columns.map((_, at) => ofJson(list[at] ?? null));
}
