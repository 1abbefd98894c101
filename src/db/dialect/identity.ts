/** What engines can do, as far as somebody has to know it. */
export interface Features {
  /** Whether rows are only ever changed by one connection at a time: who cleans up leaves pauses for the others. */
  readonly singleWriter: boolean;
  /** Whether columns keep to the types of their fields. Where not, an integer of any type has 64 bits, a text any length. */
  readonly typedColumns: boolean;
  /** Whether columns of positive integers, and keys, may have no sign, and twice as many numbers for it. */
  readonly unsigned: boolean;
  /**
   * Whether durations and network addresses have types of their own, so that there are months and masks. Where not, a
   * duration has 64 bits of microseconds.
   */
  readonly ownTypes: boolean;
  /** Which floats there are: those of a computer, those without NaN, or numbers alone. */
  readonly floats: 'all' | 'without NaN' | 'finite';
  /** Whether a rollback takes DDL back. Where not, a migration that fails has done a part, and the next run goes on from there. */
  readonly transactionalDdl: boolean;
  /** Whether texts are equal only where each character is. Where not, their column's collation may take `É` for `e`. */
  readonly exactTexts: boolean;
  /** Whether tables are different ones whose names differ in case alone. Where not, they are one, or the server decides. */
  readonly exactTableNames: boolean;
  /** Whether the engine keeps an index under every reference, so that nothing says whether one was asked for. */
  readonly indexedReferences: boolean;
  /** Whether constraints that are not deferrable are checked at each statement, whatever a load asks for. */
  readonly immediateReferences: boolean;
  /** Rows that one of many transactions may change at most: nodes of a cluster send each other all that one changes at once. */
  readonly largestBatch: number;
}

/** Which engine it is. */
export interface Identity {
  /** For messages and for the choice of golden files in tests, never for a decision. */
  readonly name: string;
  /** What a person calls it: `SQLite`, `PostgreSQL`. */
  readonly displayName: string;
  readonly maxNameLength: number | undefined;
  /** Parameters that one statement may have. */
  readonly maxParameters: number;
  /** Zone that timestamps are taken to be in where the database does not say it; undefined where it does. */
  readonly timestampZone: string | undefined;
  readonly features: Features;
}
