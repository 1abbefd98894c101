import type { ElementDefinition } from '../../registry/types.js';

/** What a database holds, read from its own catalogue and described without the engine's words where that is possible. */

export interface IntrospectedColumn {
  readonly name: string;
  /** The type as the engine spells it in DDL: `varchar(150)`, `timestamp with time zone`. */
  readonly type: string;
  /** The field that it stands for, where the engine knows types exactly; else their spelling is all that there is. */
  readonly field?: ElementDefinition;
  readonly null: boolean;
  /** The default's expression, or undefined. */
  readonly default: string | undefined;
  /** Whether the database makes its value: AUTOINCREMENT, identity, serial. */
  readonly generated: boolean;
  /** Whether its value is computed from other columns, so that nothing can be written to it. */
  readonly computed?: true;
}

/** What the database itself does with a row when the one that it refers to goes; by default it refuses. */
export type DeleteAction = 'cascade' | 'set null' | 'set default';

/** Constraints and indexes have the names that the catalogue has; SQLite's unnamed ones have none. */
export interface IntrospectedConstraint {
  readonly name: string | undefined;
  readonly kind: 'primary' | 'unique' | 'foreign' | 'check' | 'index';
  readonly columns: readonly string[];
  /** Only of kind `foreign`. */
  readonly references?: { readonly table: string; readonly columns: readonly string[] };
  /** Only of kind `foreign`, where the database does something itself. */
  readonly onDelete?: DeleteAction;
  /** All that stands behind the columns of the reference in the engine's words, as ` ON UPDATE CASCADE ON DELETE SET NULL`. */
  readonly rules?: string;
  /** Deferrable and initially deferred; only where the engine has such references. */
  readonly deferred?: boolean;
  /** Expression of a check, WHERE of a partial index, or operator class of an index; normalised by the dialect. */
  readonly definition?: string;
}

export interface IntrospectedTable {
  readonly name: string;
  /**
   * A partition is a table whose rows are those of another one, too. What a `virtual` table holds is made by a module of the
   * engine, and stands in `shadow` tables that nobody else may write.
   */
  readonly kind: 'table' | 'partition' | 'view' | 'virtual' | 'shadow';
  readonly columns: readonly IntrospectedColumn[];
  readonly constraints: readonly IntrospectedConstraint[];
  /** Tables that show this one's rows as theirs, too, where the engine has tables that inherit from others. */
  readonly inherits?: readonly string[];
}

/** A reference of a table that cannot be named without its schema; a table that it refers to may be of that kind too. */
export interface OutsideReference {
  readonly schema: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly references: { readonly schema?: string; readonly table: string; readonly columns: readonly string[] };
  readonly onDelete?: DeleteAction;
}

/** A column that seems to refer to another table, though the database has no constraint for it. */
export interface LooseReference {
  readonly table: string;
  readonly column: string;
  readonly to: string;
  /** The key of `to`. */
  readonly toColumn: string;
}

/** A table whose name stands for another one of that name, because that is in an earlier schema of the search path. */
export interface ShadowedTable {
  readonly table: string;
  /** Where the name leads. */
  readonly found: string;
  /** Where the reference of `by` leads. */
  readonly meant: string;
  readonly by: string;
}

export interface Introspection {
  readonly tables: ReadonlyMap<string, IntrospectedTable>;
  /** Only where all tables were asked for. */
  readonly outside: readonly OutsideReference[];
  /** Other tables that cannot be named without their schema, as `schema.table`. */
  readonly elsewhere?: readonly string[];
  /** Tables of other schemas that tables which are seen refer to, and that have the name of one that is seen. */
  readonly shadowed?: readonly ShadowedTable[];
}
