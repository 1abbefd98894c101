import { endOf } from '../../registry/define.js';
import { familyOf } from '../../registry/field-types.js';
import type { Field } from '../../registry/types.js';
import type { Value } from '../dialect/dialect.js';
import { type JsonNode, jsonNodeText, parseJsonNode } from './json-node.js';
import { pythonDecimal, pythonFloat } from './python-number.js';

/**
 * Arrays, maps and ranges as the JSON text that Django's fixtures have for them, which is their `Value`: items are what
 * `value_to_string` of their field makes of them (Django 5.2 contrib/postgres/fields/{array,hstore,ranges}.py).
 */

/** Bounds of a range, and its ends as values of their field; null for an end that is open. */
export interface Range {
  readonly bounds: string;
  readonly lower: Value;
  readonly upper: Value;
}

const layout = { itemSeparator: ', ', indent: undefined, ascii: false } as const;

export const arrayText = (item: Field, values: readonly Value[]): string =>
  jsonNodeText(
    values.map((value) => itemNode(item, value)),
    layout,
  );

export const mapText = (entries: Iterable<readonly [string, string | null]>): string =>
  jsonNodeText(new Map(entries), layout);

/** Null stands for the empty range. */
export function rangeText(field: Field, range: Range | null): string {
  const end = endOf(field);
  if (range === null || end === undefined) return '{"empty": true}';
  const { bounds, lower, upper } = range;
  return jsonNodeText(
    new Map<string, JsonNode>([
      ['bounds', bounds],
      ['lower', itemNode(end, lower)],
      ['upper', itemNode(end, upper)],
    ]),
    layout,
  );
}

function itemNode(item: Field, value: Value): JsonNode {
  if (value === null) return null;
  switch (familyOf(item.type)) {
    case 'boolean':
      return value === true ? 'True' : 'False';
    case 'float':
      return pythonFloat(Number(value));
    case 'decimal':
      return pythonDecimal(String(value));
    case 'json':
      return parseJsonNode(String(value));
    default:
      return value instanceof Uint8Array
        ? Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('base64')
        : String(value);
  }
}

/** An array that Django has no form for, because its dimensions are not its field's, is kept as the database writes it. */
export const isArrayLiteral = (text: string): boolean => /^\{|^(?:\[-?\d+:-?\d+\])+=\{/.test(text);
