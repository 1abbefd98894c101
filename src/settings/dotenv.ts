// What stands in double quotes with a backslash before it (Python's escapes, as python-dotenv takes them).
const escapes: Readonly<Record<string, string>> = {
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

const assignment = /^[^\S\n]*(?:export[^\S\n]+)?([A-Za-z_][\w.-]*)[^\S\n]*=([^\S\n]*)/;
/** `${NAME}` and `${NAME:-default}`. */
const reference = /\$\{([^}:]*)(?::-([^}]*))?\}/g;
/** Text in quotes, and behind it nothing but a comment. */
const quoted = /^(?:'((?:\\['\\]|[^'])*)'|"((?:\\[\s\S]|[^"\\])*)")[^\S\n]*(?:#[^\n]*)?(?=\n|$)/;

/**
 * Reads a `.env` file as python-dotenv and django-environ do, so that a site and its tools have the same keys: a comment
 * begins at the start of a line or behind white space, never within a value; texts in quotes may have several lines, and
 * escapes in double quotes are Python's. `${NAME}` and `${NAME:-default}` stand for what `known` or the lines before have, as for
 * python-dotenv; a name that none has stays as it is written, as all do for django-environ. What is no assignment is passed over.
 */
export function parseDotenv(
  text: string,
  known: Readonly<Record<string, string | undefined>> = {},
): Record<string, string> {
  const values: Record<string, string> = Object.create(null);
  let rest = text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n');
  while (rest !== '') {
    const [head, name, blank = ''] = assignment.exec(rest) ?? [];
    const line = rest.slice(head?.length ?? 0);
    const end = line.indexOf('\n');
    const rawLine = end === -1 ? line : line.slice(0, end);
    let taken = rawLine.length;
    if (name !== undefined) {
      const match = quoted.exec(line);
      if (match !== null) taken = match[0].length;
      const value =
        match === null
          ? bare(`${blank}${rawLine}`)
          : (match[1]?.replace(/\\(['\\])/g, '$1') ??
            `${match[2]}`.replace(/\\([\s\S])/g, (all, letter: string) =>
              /['"\\]/.test(letter) ? letter : (escapes[letter] ?? all),
            ));
      values[name] = value.replace(reference, (all, other: string, fallback?: string) => {
        const ownValue = Object.hasOwn(values, other) ? values[other] : undefined;
        return (Object.hasOwn(known, other) ? known[other] : undefined) ?? ownValue ?? fallback ?? all;
      });
    }
    rest = line.slice(taken + 1);
  }
  return values;
}

/** A value without quotes, or with some that do not end where it ends: then they are of django-environ's kind, or part of it. */
function bare(text: string): string {
  const value = text.replace(/\s+#.*$/, '').trim();
  const [, , inner] = /^(['"])(.*)\1$/.exec(value) ?? [];
  return inner ?? value;
}
