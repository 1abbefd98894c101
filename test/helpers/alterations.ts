import type { ColumnDefinition, TableDefinition } from '../../src/db/schema/schema-editor.js';
import type { FieldDefault } from '../../src/registry/types.js';

type Column = Omit<ColumnDefinition, 'name'>;
type Fill = string | number | boolean;

/** Changes of a table that Django and this program make in turn; `fill` is Django's default. */
export type Alteration =
  | { readonly kind: 'alter'; readonly before: Column; readonly after: Column; readonly fill?: Fill }
  | { readonly kind: 'add'; readonly after: Column; readonly fill?: Fill }
  | { readonly kind: 'drop'; readonly before: Column }
  | { readonly kind: 'unique' | 'index'; readonly action: 'add' | 'drop' };

const text = (maxLength: number, more: Partial<Column> = {}): Column => ({ type: 'CharField', maxLength, ...more });
const integer = (more: Partial<Column> = {}): Column => ({ type: 'IntegerField', ...more });
const to = (table: string, more: Partial<Column> = {}): Column =>
  integer({ references: { table, column: 'id' }, ...more });

export const alterations: readonly Alteration[] = [
  { kind: 'alter', before: text(20), after: text(50) },
  { kind: 'alter', before: text(20, { unique: true }), after: text(50, { unique: true }) },
  { kind: 'alter', before: text(20), after: text(20, { unique: true }) },
  { kind: 'alter', before: text(20, { unique: true }), after: text(20) },
  { kind: 'alter', before: text(20), after: text(20, { index: true }) },
  { kind: 'alter', before: text(20, { index: true }), after: text(20) },
  { kind: 'alter', before: text(20, { unique: true }), after: text(20, { index: true }) },
  { kind: 'alter', before: text(20, { index: true }), after: text(20, { unique: true }) },
  { kind: 'alter', before: text(20, { index: true }), after: integer({ index: true }) },
  { kind: 'alter', before: text(20), after: { type: 'TextField', index: true } },
  { kind: 'alter', before: integer(), after: { type: 'BigIntegerField' } },
  { kind: 'alter', before: integer({ index: true }), after: { type: 'BigIntegerField', index: true } },
  { kind: 'alter', before: integer(), after: { type: 'PositiveIntegerField' } },
  { kind: 'alter', before: { type: 'PositiveIntegerField' }, after: integer() },
  { kind: 'alter', before: { type: 'PositiveIntegerField' }, after: { type: 'PositiveBigIntegerField' } },
  { kind: 'alter', before: integer({ null: true }), after: integer(), fill: 7 },
  { kind: 'alter', before: text(20, { null: true }), after: text(20), fill: "it's" },
  { kind: 'alter', before: integer({ null: true }), after: integer() },
  { kind: 'alter', before: integer(), after: integer({ null: true }) },
  { kind: 'alter', before: integer(), after: to('auth_group') },
  { kind: 'alter', before: to('auth_group'), after: integer() },
  { kind: 'alter', before: to('auth_group'), after: to('auth_permission') },
  { kind: 'alter', before: to('auth_group'), after: to('auth_group', { null: true }) },
  { kind: 'alter', before: to('auth_group'), after: to('auth_group', { unique: true }) },
  { kind: 'alter', before: { type: 'DateTimeField' }, after: { type: 'DateField' } },
  { kind: 'alter', before: { type: 'JSONField' }, after: { type: 'TextField' } },
  { kind: 'alter', before: { type: 'TextField' }, after: { type: 'JSONField' } },
  {
    kind: 'alter',
    before: { type: 'DecimalField', maxDigits: 6, decimalPlaces: 2 },
    after: { type: 'DecimalField', maxDigits: 8, decimalPlaces: 3 },
  },
  { kind: 'add', after: text(20, { null: true }) },
  { kind: 'add', after: text(20), fill: '' },
  { kind: 'add', after: text(20, { null: true, index: true }) },
  { kind: 'add', after: integer({ null: true, unique: true }) },
  { kind: 'add', after: { type: 'BooleanField' }, fill: false },
  { kind: 'add', after: { type: 'PositiveIntegerField', null: true } },
  { kind: 'add', after: { type: 'PositiveIntegerField' }, fill: 3 },
  { kind: 'add', after: to('auth_group', { null: true }) },
  { kind: 'drop', before: text(20) },
  { kind: 'drop', before: text(20, { unique: true }) },
  { kind: 'drop', before: text(20, { index: true }) },
  { kind: 'drop', before: { type: 'PositiveIntegerField' } },
  { kind: 'drop', before: { type: 'JSONField' } },
  { kind: 'drop', before: to('auth_group') },
  { kind: 'unique', action: 'add' },
  { kind: 'unique', action: 'drop' },
  { kind: 'index', action: 'add' },
  { kind: 'index', action: 'drop' },
];

/** The table of an alteration, with the altered column `x`, or without it. */
export function tableOf(index: number, x: Column | undefined, more: Partial<TableDefinition> = {}): TableDefinition {
  return {
    name: `altered_t${index}`,
    columns: [
      { name: 'id', type: 'AutoField', primaryKey: true },
      ...(x === undefined ? [] : [{ name: 'x', ...x }]),
      { name: 'a', type: 'CharField', maxLength: 10, unique: true },
      { name: 'b', type: 'IntegerField', index: true },
      { name: 'c', type: 'IntegerField', references: { table: 'auth_group', column: 'id' } },
    ],
    ...more,
  };
}

export const fillOf = (fill: Fill | undefined): { fill?: FieldDefault } =>
  fill === undefined ? {} : { fill: { value: fill } };
