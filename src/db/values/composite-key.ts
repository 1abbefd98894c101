import { storedField } from '../../registry/define.js';
import type { Field, Model, Registry } from '../../registry/types.js';
import { visible } from '../../text.js';
import type { BulkColumn } from '../dialect/bulk.js';
import type { Value } from '../dialect/values.js';

/** The columns of a model's key, in its order. */
export const keyColumns = (registry: Registry, { keyFields }: Pick<Model, 'keyFields'>): readonly BulkColumn[] =>
  keyFields.map((field) => ({ name: field.column, field: storedField(registry, field) }));

/** JSON has no form for bytes and for numbers that are not finite. */
function asJson(value: Value): unknown {
  if (value instanceof Uint8Array) return { bytes: Buffer.from(value).toString('base64') };
  if (typeof value !== 'number' || Number.isFinite(value)) return value;
  return { number: String(value) };
}

function ofJson(json: unknown): Value {
  if (typeof json !== 'object' || json === null) return json as Value;
  return 'bytes' in json ? Buffer.from(String(json.bytes), 'base64') : Number((json as { number: string }).number);
}

/** One value for the values of all columns of a key: where there are several, the text of a list of them. */
export function joinKey(values: readonly Value[]): Value {
  return values.length === 1 ? (values[0] ?? null) : JSON.stringify(values.map(asJson));
}

/** A key as a message shows it: `[1, "a"]` where it has several columns, and the beginning of one that lets somebody in. */
export function shownKeyOf(columns: readonly Pick<Field, 'secret'>[], key: Value): string {
  if (columns.length === 1) return columns[0]?.secret ? `${String(key).slice(0, 8)}…` : visible(String(key));
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
