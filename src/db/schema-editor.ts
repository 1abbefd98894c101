import type { FieldType } from '../registry/types.js';

/** One column as a migration writes it. References carry the type of the key that they refer to. */
export interface ColumnDefinition {
  readonly name: string;
  readonly type: Exclude<FieldType, 'ForeignKey' | 'OneToOneField'>;
  readonly maxLength?: number;
  readonly maxDigits?: number;
  readonly decimalPlaces?: number;
  readonly null?: boolean;
  readonly unique?: boolean;
  readonly index?: boolean;
  readonly primaryKey?: boolean;
  /** Makes it a foreign key, deferrable and initially deferred, with an index unless `index` is false. */
  readonly references?: { readonly table: string; readonly column: string };
}

export interface TableDefinition {
  readonly name: string;
  readonly columns: readonly ColumnDefinition[];
  readonly uniqueTogether?: readonly (readonly string[])[];
  readonly indexes?: readonly { readonly name?: string; readonly columns: readonly string[] }[];
}

/**
 * Writes DDL so that the result is what Django 5.2 would have made: the same types, constraints, indexes, and the same
 * names for them (db/backends/base/schema.py). Each verb runs its statements at once; statements that refer to other
 * tables are kept until `finish`, as Django's deferred SQL is.
 */
export interface SchemaEditor {
  createTable(table: TableDefinition): Promise<void>;
  dropTable(name: string): Promise<void>;
  /** `after` is the whole table as it is to be, in Django's order; `column` names what changes. */
  alterColumn(after: TableDefinition, column: string): Promise<void>;
  addColumn(after: TableDefinition, column: string, fill?: string | number | boolean | null): Promise<void>;
  dropColumn(after: TableDefinition, column: string): Promise<void>;
  addUniqueTogether(after: TableDefinition, columns: readonly string[]): Promise<void>;
  dropUniqueTogether(after: TableDefinition, columns: readonly string[]): Promise<void>;
  addIndex(after: TableDefinition, columns: readonly string[], name?: string): Promise<void>;
  dropIndex(after: TableDefinition, columns: readonly string[], name?: string): Promise<void>;
  /** Runs what was kept back. Called by the runner at the end of a migration. */
  finish(): Promise<void>;
}
