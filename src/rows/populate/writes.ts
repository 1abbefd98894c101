/** Work on one connection, one after the other, while the program makes the rows of what comes next. */
export interface Writes {
  /**
   * Begins with it when what was there before is done, and waits as long as there is more to be done than can be held.
   *
   * @throws what the first that failed has thrown; nothing behind it is done.
   */
  add(write: () => Promise<void>): Promise<void>;
  /** What a query answers, when its turn has come. */
  ask<T>(query: () => Promise<T>): Promise<T>;
  /** Waits until all are done: before anything else is asked of the same connection. */
  done(): Promise<void>;
  /** Lets go of what has not begun, and waits for what has: behind a rollback it would be written by itself. */
  abandon(): Promise<void>;
}

/** Writes that may wait: enough that the database never does. */
const mostWaiting = 2;

export function createWrites(): Writes {
  const waiting: Promise<unknown>[] = [];
  let abandoned = false;
  const queue = <T>(work: () => Promise<T>): Promise<T> => {
    const result = (waiting.at(-1) ?? Promise.resolve()).then(() => {
      if (abandoned) throw new Error('What this write belongs to was given up.');
      return work();
    });
    waiting.push(result);
    // It is thrown where somebody waits for it; until then nobody is there to catch it.
    result.catch(() => undefined);
    return result;
  };
  const finish = async (most: number) => {
    while (waiting.length > most) {
      await waiting[0];
      waiting.shift();
    }
  };
  return {
    async add(write) {
      queue(write);
      // Making rows takes all of the program's time: what has been done, and can begin, would not be seen.
      await new Promise((resolve) => setImmediate(resolve));
      await finish(mostWaiting);
    },
    ask: queue,
    done: () => finish(0),
    async abandon() {
      abandoned = true;
      await Promise.allSettled(waiting);
    },
  };
}
