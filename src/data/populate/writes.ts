/** Writes that are made one after the other, while the program makes the rows of the next one. */
export interface Writes {
  /** Begins with it when those before are done. */
  add(write: () => Promise<void>): void;
  /**
   * Waits until all are done: before anything else is asked of the same connection.
   *
   * @throws what the first of them that failed has thrown; those behind it are not made.
   */
  done(): Promise<void>;
}

export function createWrites(): Writes {
  let last = Promise.resolve();
  return {
    add(write) {
      last = last.then(write);
      // It is thrown where somebody waits for it; until then nobody is there to catch it.
      last.catch(() => undefined);
    },
    done: () => last,
  };
}

/** Lets writes go on that wait for the program: making rows takes all of its time. */
export const breathe = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
