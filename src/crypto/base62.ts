const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** More digits than any whole number that a double holds exactly. */
const maxDigits = 9;

/** A whole number in base 62, digits before capitals before small letters (Django 5.2 core/signing.py, b62_encode). */
export function encodeBase62(value: number): string {
  let rest = Math.abs(value);
  let text = '';
  do {
    text = alphabet.charAt(rest % 62) + text;
    rest = Math.floor(rest / 62);
  } while (rest > 0);
  return value < 0 ? `-${text}` : text;
}

/** The number that {@link encodeBase62} wrote, or undefined where the text is none or is too great to be exact. */
export function decodeBase62(text: string): number | undefined {
  const digits = text.startsWith('-') ? text.slice(1) : text;
  if (digits === '' || digits.length > maxDigits) return undefined;
  let value = 0;
  for (const digit of digits) {
    const worth = alphabet.indexOf(digit);
    if (worth < 0) return undefined;
    value = value * 62 + worth;
  }
  if (!Number.isSafeInteger(value)) return undefined;
  return digits === text || value === 0 ? value : -value;
}
