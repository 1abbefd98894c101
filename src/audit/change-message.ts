/** What an entry of the admin's log says was done, as Django 5.2 contrib/admin/utils.py (construct_change_message) writes it. */
export type ChangeMessage =
  | { readonly added: Readonly<Record<string, string>> }
  | { readonly changed: { readonly fields: readonly string[] } }
  | { readonly deleted: { readonly name: string; readonly object: string } };

/** Where a change came from. The admin passes over elements that say nothing of a change, so it stays out of sight there. */
export interface Provenance {
  /** `root@host`. */
  readonly by: string;
  readonly command: string;
  readonly reason?: string;
}

/** JSON as Python's `json.dumps` writes it: a blank behind commas and colons, and ASCII alone. */
export function pythonJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).filter(([, member]) => member !== undefined);
    return `{${members.map(([name, member]) => `${pythonJson(name)}: ${pythonJson(member)}`).join(', ')}}`;
  }
  return JSON.stringify(value ?? null).replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

export function changeMessageText(messages: readonly ChangeMessage[], manage: Provenance | undefined): string {
  return pythonJson([...messages, ...(manage === undefined ? [] : [{ manage }])]);
}

function andList(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}

function sentenceOf(message: unknown): string | undefined {
  if (typeof message !== 'object' || message === null) return undefined;
  const part = message as Partial<Record<'added' | 'changed' | 'deleted', Record<string, unknown>>>;
  const named = (words: Record<string, unknown>) => `${String(words.name)} “${String(words.object)}”`;
  if (part.added !== undefined) return part.added?.name === undefined ? 'Added.' : `Added ${named(part.added)}.`;
  if (part.changed !== undefined) {
    const fields = Array.isArray(part.changed?.fields) ? part.changed.fields.map(String) : [];
    return part.changed?.name === undefined
      ? `Changed ${andList(fields)}.`
      : `Changed ${andList(fields)} for ${named(part.changed)}.`;
  }
  return part.deleted === undefined ? undefined : `Deleted ${named(part.deleted)}.`;
}

/** A stored message as the admin shows it (LogEntry.get_change_message), and what else stands in it. */
export function readChangeMessage(text: string): {
  readonly sentence: string;
  readonly provenance: Provenance | undefined;
} {
  if (!text.startsWith('[')) return { sentence: text, provenance: undefined };
  let parts: unknown;
  try {
    parts = JSON.parse(text);
  } catch {
    return { sentence: text, provenance: undefined };
  }
  if (!Array.isArray(parts)) return { sentence: text, provenance: undefined };
  const sentences = parts.map(sentenceOf).filter((sentence) => sentence !== undefined);
  const ours = parts.find(
    (part): part is { readonly manage: Provenance } =>
      typeof part === 'object' && part !== null && typeof part.manage === 'object' && part.manage !== null,
  );
  return { sentence: sentences.join(' ') || 'No fields changed.', provenance: ours?.manage };
}
