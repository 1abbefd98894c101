import { createHash } from 'node:crypto';

/** First `length` hex digits of the MD5 of all `parts` joined (Django 5.2 db/backends/utils.py, names_digest). */
export function namesDigest(parts: readonly string[], length: number): string {
  return createHash('md5').update(parts.join('')).digest('hex').slice(0, length);
}

/**
 * Cuts `name` so that it fits into `maxLength` characters and stays distinct: its last four become a digest (Django 5.2
 * db/backends/utils.py, truncate_name). Names are only cut where the database limits them.
 */
export function truncateName(name: string, maxLength: number | undefined): string {
  const letters = Array.from(name);
  if (maxLength === undefined || letters.length <= maxLength) return name;
  return letters.slice(0, maxLength - 4).join('') + namesDigest([name], 4);
}

/** `LogEntry` becomes `log entry` (Django 5.2 utils/text.py, camel_case_to_spaces). */
export function verboseNameOf(className: string): string {
  return className
    .replace(/(?<=[a-z])[A-Z]|[A-Z](?![A-Z]|$)/g, ' $&')
    .trim()
    .toLowerCase();
}

/** `blog_app` becomes `Blog_App`: what Django calls an app that has no name of its own (Python's `str.title`). */
export function titleOf(label: string): string {
  return label.replace(/\p{L}+/gu, (word) => word.charAt(0).toUpperCase() + word.slice(1).toLowerCase());
}
