/** Text as Python sees it: the rules of Django's validators are written in Python's terms. */

/** Number of characters, where JavaScript's `length` counts UTF-16 units. */
export function characterCount(text: string): number {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/** What Python's `\w` is not: everything but letters, numbers of every kind and the underscore. */
export const nonWord = /[^\p{L}\p{N}_]+/u;

const space = /[\t-\r\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]/;

/** Python's `str.strip()`, whose white space has U+001C to U+001F and U+0085, and not U+FEFF. */
export function strip(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && space.test(text.charAt(start))) start += 1;
  while (end > start && space.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** Digits that are no decimal ones: superscripts, circled and the like. */
const otherDigits =
  '\\u00b2\\u00b3\\u00b9\\u1369-\\u1371\\u19da\\u2070\\u2074-\\u2079\\u2080-\\u2089\\u2460-\\u2468\\u2474-\\u247c' +
  '\\u2488-\\u2490\\u24ea\\u24f5-\\u24fd\\u24ff\\u2776-\\u277e\\u2780-\\u2788\\u278a-\\u2792\\u{10a40}-\\u{10a43}' +
  '\\u{10e60}-\\u{10e68}\\u{11052}-\\u{1105a}\\u{1f100}-\\u{1f10a}';
const digits = new RegExp(`^[\\p{Nd}${otherDigits}]+$`, 'u');

/** Python's `str.isdigit()`: true for one digit or more and nothing else, in any script. */
export function isDigits(text: string): boolean {
  return digits.test(text);
}

/** Begins with a capital letter, and is otherwise as it was (Django 5.2 utils/text.py, capfirst). */
export function capitalised(text: string): string {
  const [first = ''] = text;
  return first.toUpperCase() + text.slice(first.length);
}
