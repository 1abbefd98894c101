/** The alphabet of crypt and its descendants. */
const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** The low six bits first, as crypt writes a number. */
export function encodeNumber(value: number, length: number): string {
  let text = '';
  let rest = value;
  for (let at = 0; at < length; at++) {
    text += alphabet.charAt(rest & 63);
    rest >>>= 6;
  }
  return text;
}

/** Three bytes at a time, the first one lowest, as phpass packs a digest. */
export function encodeBytes(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 3) {
    const [a = 0, b, c] = bytes.subarray(at, at + 3);
    text += encodeNumber(a | ((b ?? 0) << 8) | ((c ?? 0) << 16), b === undefined ? 2 : c === undefined ? 3 : 4);
  }
  return text;
}

/** The number that a character of the alphabet stands for; -1 for any other. */
export const numberOf = (character: string): number => alphabet.indexOf(character);

/** passlib's base64: `.` for `+`, and no padding. */
export const adapted64 = (bytes: Uint8Array): string =>
  Buffer.from(bytes).toString('base64').replaceAll('+', '.').replaceAll('=', '');

export const fromAdapted64 = (text: string): Buffer => Buffer.from(text.replaceAll('.', '+'), 'base64');
