/** A table in a schema that the connection does not look into by itself. */
export interface TablePlace {
  readonly schema: string;
  readonly name: string;
}

/** A table to be emptied. They come in an order in which rows that refer to others go first. */
export interface EmptiedTable {
  readonly table: string;
  /** Where it is, if it cannot be named without its schema; `table` then only tells it from others. */
  readonly place?: TablePlace;
  /** Column whose values the database makes, to be started anew. */
  readonly generatedKey: string | undefined;
  /** SQL condition of the rows that go, in words that all engines have; by default all of them. */
  readonly where?: string;
  /** Whether tables that are not emptied, or not wholly, refer to it. */
  readonly referenced: boolean;
}
