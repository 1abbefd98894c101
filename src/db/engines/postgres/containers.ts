import { elementOf, endOf } from '../../../registry/define.js';
import { familyOf } from '../../../registry/field-types.js';
import type { Field } from '../../../registry/types.js';
import type { Value } from '../../dialect/dialect.js';
import { arrayText, isArrayLiteral, mapText, rangeText } from '../../values/containers.js';
import { isJsonObject, type JsonNode, jsonNodeText, parseJsonNode } from '../../values/json-node.js';
import { outsideText } from '../../values/outside.js';
import {
  type ArrayItem,
  arrayLiteral,
  mapLiteral,
  parseArray,
  parseMap,
  parseRange,
  type RangeLiteral,
  rangeLiteral,
} from './literals.js';

/** Turns the server's text of one item into a value; undefined where the field cannot mean it. */
type ReadItem = (item: Field, text: string) => Value | undefined;

/** What is bound for one item, from what a fixture has for it. */
type BindItem = (item: Field, value: Value) => string | null;

/** The value of an array, a map or a range, from the server's text. */
export function readContainer(field: Field, text: string, readItem: ReadItem): string | undefined {
  switch (familyOf(field.type)) {
    case 'array': {
      const items = parseArray(text);
      // Other dimensions than the field's have no form but the server's.
      return items === undefined ? text : (readArray(field, items, readItem) ?? text);
    }
    case 'map':
      return mapText(parseMap(text));
    case 'range':
      return readRange(field, parseRange(text), readItem);
    default:
      return text;
  }
}

function readArray(field: Field, items: readonly ArrayItem[], readItem: ReadItem): string | undefined {
  const item = elementOf(field);
  const values: Value[] = [];
  for (const each of items) {
    const isNested = item.type === 'ArrayField';
    if (each !== null && isNested === (typeof each === 'string')) return undefined;
    const value =
      each === null ? null : typeof each === 'string' ? readItem(item, each) : readArray(item, each, readItem);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return arrayText(item, values);
}

function readRange(field: Field, range: RangeLiteral | null | undefined, readItem: ReadItem): string | undefined {
  const end = endOf(field);
  if (range === undefined || end === undefined) return undefined;
  if (range === null) return rangeText(field, null);
  const value = (text: string | null) => (text === null ? null : (readItem(end, text) ?? outsideText(end.type, text)));
  const [lower, upper] = [value(range.lower), value(range.upper)];
  return lower === undefined || upper === undefined ? undefined : rangeText(field, { ...range, lower, upper });
}

/** The server's text of an array, a map or a range; undefined for what is none. */
export function bindContainer(field: Field, text: string, bindItem: BindItem): string | undefined {
  const family = familyOf(field.type);
  if (family === 'array' && isArrayLiteral(text)) return text;
  const node = parsed(text);
  if (family === 'array') return Array.isArray(node) ? arrayLiteral(arrayItems(field, node, bindItem)) : undefined;
  if (node === undefined || !isJsonObject(node)) return undefined;
  const textOf = (value: JsonNode | undefined) => (typeof value === 'string' ? value : null);
  if (family === 'map') return mapLiteral([...node].map(([key, value]) => [key, textOf(value)] as const));
  if (node.get('empty') === true) return 'empty';
  const end = endOf(field);
  const bound = (name: string) => {
    const value = textOf(node.get(name));
    return value === null || end === undefined ? null : bindItem(end, value);
  };
  return rangeLiteral({ bounds: textOf(node.get('bounds')) ?? '[)', lower: bound('lower'), upper: bound('upper') });
}

function parsed(text: string): JsonNode | undefined {
  try {
    return parseJsonNode(text);
  } catch {
    return undefined;
  }
}

function arrayItems(field: Field, nodes: readonly JsonNode[], bindItem: BindItem): ArrayItem[] {
  const item = elementOf(field);
  return nodes.map((node) => {
    if (node === null) return null;
    if (familyOf(item.type) === 'json') {
      return bindItem(item, jsonNodeText(node, { itemSeparator: ', ', indent: undefined, ascii: true }));
    }
    if (typeof node !== 'string') return null;
    if (item.type !== 'ArrayField') return bindItem(item, itemValue(item, node));
    const inner = parsed(node);
    return Array.isArray(inner) ? arrayItems(item, inner, bindItem) : null;
  });
}

/** What a text of a fixture means: see `arrayText`. */
function itemValue(item: Field, text: string): Value {
  if (item.type === 'BooleanField') return text === 'True';
  return item.type === 'BinaryField' ? Buffer.from(text, 'base64') : text;
}
