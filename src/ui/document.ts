/** Characters that are written at once. */
const chunkLength = 65_536;

type AnyList = AsyncIterable<unknown>;

function isList(value: unknown): value is AnyList {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value;
}

function hasList(document: unknown): document is Readonly<Record<string, unknown>> {
  return typeof document === 'object' && document !== null && Object.values(document).some(isList);
}

async function* pieces(document: Readonly<Record<string, unknown>>): AsyncGenerator<string> {
  let separator = '{';
  for (const [key, value] of Object.entries(document)) {
    if (value === undefined) continue;
    yield `${separator}${JSON.stringify(key)}:`;
    separator = ',';
    if (!isList(value)) {
      yield JSON.stringify(value);
      continue;
    }
    let before = '[';
    for await (const item of value) {
      yield before + JSON.stringify(item);
      before = ',';
    }
    yield before === '[' ? '[]' : ']';
  }
  yield '}';
}

/**
 * The text of a command's document. A list in it may be an async iterable, for results that are too long to hold: its
 * items are written as they come. What fails at once fails before there is any text.
 */
export async function* documentText(document: unknown): AsyncGenerator<string> {
  if (!hasList(document)) {
    yield JSON.stringify(document);
    return;
  }
  let text = '';
  for await (const piece of pieces(document)) {
    text += piece;
    if (text.length < chunkLength) continue;
    yield text;
    text = '';
  }
  yield text;
}

/** The document as a value, with whole lists in it. */
export async function wholeDocument(document: unknown): Promise<unknown> {
  if (!hasList(document)) return document;
  const whole: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(document)) {
    if (!isList(value)) {
      whole[key] = value;
      continue;
    }
    const items: unknown[] = [];
    for await (const item of value) items.push(item);
    whole[key] = items;
  }
  return whole;
}
