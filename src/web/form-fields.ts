/** Django REST framework 3.16 fields.py and validators: what is wrong with the texts of a document, by field, in its words. */
export type FieldProblems = Readonly<Record<string, readonly string[]>>;

const required = 'This field is required.';

/** The texts of `names` in a document, or what is wrong with it, as a serializer of Django REST framework takes them. */
export function readTexts<Name extends string>(
  document: unknown,
  names: readonly Name[],
): { readonly texts: Readonly<Record<Name, string>> } | { readonly problems: FieldProblems } {
  const wrong = documentProblem(document);
  if (wrong !== undefined) return { problems: { non_field_errors: [wrong] } };
  const given = new Map<string, unknown>(Object.entries(document as object));
  const [texts, problems]: [Record<string, string>, Record<string, readonly string[]>] = [{}, {}];
  for (const name of names) {
    const found = given.has(name) ? readText(given.get(name)) : [required];
    if (typeof found === 'string') texts[name] = found;
    else problems[name] = found;
  }
  return Object.keys(problems).length > 0 ? { problems } : { texts: texts as Record<Name, string> };
}

function documentProblem(document: unknown): string | undefined {
  if (document === null) return 'No data provided';
  if (typeof document === 'object' && !Array.isArray(document)) return undefined;
  return `Invalid data. Expected a dictionary, but got ${pythonType(document)}.`;
}

function pythonType(value: unknown): string {
  if (Array.isArray(value)) return 'list';
  if (typeof value === 'string') return 'str';
  if (typeof value === 'boolean') return 'bool';
  return typeof value === 'bigint' || Number.isInteger(value) ? 'int' : 'float';
}

/** The text, without the spaces around it, or what is wrong with it. */
function readText(value: unknown): string | string[] {
  if (value === null) return ['This field may not be null.'];
  if (typeof value !== 'string' && typeof value !== 'number' && typeof value !== 'bigint') {
    return ['Not a valid string.'];
  }
  const text = String(value).trim();
  if (text === '') return ['This field may not be blank.'];
  const [surrogate] = /\p{Cs}/u.exec(text) ?? [];
  const problems = [
    ...(text.includes('\0') ? ['Null characters are not allowed.'] : []),
    ...(surrogate === undefined
      ? []
      : [`Surrogate characters are not allowed: U+${surrogate.charCodeAt(0).toString(16).toUpperCase()}.`]),
  ];
  return problems.length > 0 ? problems : text;
}
