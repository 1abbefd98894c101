import type { Executor } from '../connect/executor.js';
import type { IntrospectedTable, Introspection } from '../introspection/introspection.js';
import type { EditorOptions, SchemaEditor, TableDefinition } from '../schema/schema-editor.js';

/** How tables are made, described and found. */
export interface SchemaDialect {
  /** Column types, DDL and name rules. The editor of a recording executor only records. */
  editor(executor: Executor, options?: EditorOptions): Promise<SchemaEditor>;
  /** What introspection of this table says after {@link SchemaEditor.createTable}. */
  describe(table: TableDefinition): Promise<IntrospectedTable>;
  /** What is in the database: tables, columns, constraints, indexes, sequences. */
  introspect(executor: Executor, options?: { readonly tables?: readonly string[] }): Promise<Introspection>;
  /** Names of the tables alone: cheap. */
  tableNames(executor: Executor): Promise<string[]>;
  /** Names of all that a model may read its rows from: also of views, of what is in other schemas, and of other servers. */
  relationNames(executor: Executor): Promise<string[]>;
}
