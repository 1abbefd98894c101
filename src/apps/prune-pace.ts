import { nextLimit } from '../db/write/batches.js';

/** How many rows are looked at in one statement, and how many statements are in one transaction. */
export interface Pace {
  /** Rows that the next statement looks at. */
  readonly rows: () => number;
  /** Whether there is time for a further statement in the transaction that has done this. */
  readonly hasTime: (done: Done) => boolean;
  /** Is told what each transaction has taken. */
  readonly learn: (done: Done & { readonly commitMs: number }) => void;
}

/** What the statements of a transaction have done so far, and the last one of them. */
export interface Done {
  readonly tookMs: number;
  readonly removed: number;
  readonly lastMs: number;
  readonly lastRemoved: number;
  /** Whether the last one was not cut short by the end of the table. */
  readonly full: boolean;
}

/**
 * Where others cannot write meanwhile. Who waits for SQLite's lock for less than 78 ms looks every 25 ms or more often, so that a
 * transaction that is shorter keeps nobody waiting beyond the pause that follows.
 */
const heldMs = 65;
/** How long a statement is to take, with what the commit takes for its rows. */
const statementMs = 15;
const [fewestRows, mostRows] = [500, 4000];
/** Transactions of which the slowest commit says what the next one may take. */
const remembered = 3;
/** What a commit costs beside its rows is as much as of some of them. */
const leastRemoved = 100;

/**
 * A transaction has many small statements, and ends when its time is up, with the commit, which writes a page of an index for
 * nearly each row and may take twice as long as the statements.
 */
function shortPace(): Pace {
  let rows = 500;
  /** Milliseconds of a commit for each row. */
  const commits = [0.05];
  const commitMsOf = (removed: number) => Math.max(...commits) * removed;
  return {
    rows: () => rows,
    hasTime({ tookMs, removed, lastMs, lastRemoved }) {
      return tookMs + lastMs + commitMsOf(Math.max(removed + lastRemoved, leastRemoved)) < heldMs;
    },
    learn({ lastMs, lastRemoved, removed, commitMs, full }) {
      const tookMs = lastMs + commitMsOf(lastRemoved);
      rows = nextLimit(rows, tookMs, full, { targetMs: statementMs, smallest: fewestRows, largest: mostRows });
      commits.push(commitMs / Math.max(removed, leastRemoved));
      if (commits.length > remembered) commits.shift();
    },
  };
}

/** Where they can, it has one: most of what a smaller one costs are pages of indexes, one for nearly each row, and the commit. */
function longPace(largest: number): Pace {
  let rows = 5000;
  return {
    rows: () => rows,
    hasTime: () => false,
    learn({ tookMs, commitMs, full }) {
      rows = nextLimit(rows, tookMs + commitMs, full, { smallest: 5000, largest });
    },
  };
}

/** The pace of a table, for all that work at it at once. */
export function createPace({
  singleWriter,
  largestBatch,
}: {
  readonly singleWriter: boolean;
  readonly largestBatch: number;
}): Pace {
  return singleWriter ? shortPace() : longPace(largestBatch);
}
