/** Texts that are remembered, twice over, and characters that one may have. */
const [most, longest] = [1000, 4096];

/** A map that keeps what was asked for last: `size` entries at least, and at most twice as many. */
export class RecentMap<T> {
  readonly #size: number;
  #recent = new Map<string, T>();
  #older = new Map<string, T>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: string): T | undefined {
    const value = this.#recent.get(key);
    if (value !== undefined) return value;
    const old = this.#older.get(key);
    if (old !== undefined) this.set(key, old);
    return old;
  }

  set(key: string, value: T): void {
    if (this.#recent.size >= this.#size && !this.#recent.has(key)) {
      [this.#recent, this.#older] = [new Map(), this.#recent];
    }
    this.#recent.set(key, value);
  }
}

/**
 * The same function, which remembers what it made of the last thousand or two of short texts: for what costs far more than to
 * look it up, and depends on nothing but the text.
 */
export function remembered<T>(work: (text: string) => T): (text: string) => T {
  const known = new RecentMap<{ readonly result: T }>(most);
  return (text) => {
    if (text.length > longest) return work(text);
    const found = known.get(text);
    if (found !== undefined) return found.result;
    const result = work(text);
    known.set(text, { result });
    return result;
  };
}
