/** Texts that are remembered, twice over, and characters that one may have. */
const [most, longest] = [1000, 4096];

/**
 * The same function, which remembers what it made of the last thousand or two of short texts: for what costs far more than to
 * look it up, and depends on nothing but the text.
 */
export function remembered<T>(work: (text: string) => T): (text: string) => T {
  let [recent, older] = [new Map<string, T>(), new Map<string, T>()];
  return (text) => {
    if (text.length > longest) return work(text);
    if (recent.has(text)) return recent.get(text) as T;
    const result = older.has(text) ? (older.get(text) as T) : work(text);
    if (recent.size >= most) [recent, older] = [new Map(), recent];
    recent.set(text, result);
    return result;
  };
}
