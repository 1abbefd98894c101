import { BadSignature } from '../../crypto/signing/bad-signature.js';

const escapes: Readonly<Record<string, string>> = {
  '\\': '\\',
  "'": "'",
  '"': '"',
  '\n': '',
  a: '\u0007',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};

/** Text of UTF-8 bytes. */
export function decodeUnicode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new BadSignature('A text in the pickle of the session is not valid UTF-8.', { cause });
  }
}

/** Text of a `str` of Python 2, whose encoding nobody wrote down: UTF-8 where it can be that, else one byte a character. */
export function decodeByteString(bytes: Buffer): string {
  try {
    return decodeUnicode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

/** A `str` of Python 2 as protocol 0 has it: the literal that `repr` prints. */
export function decodeStringLiteral(line: string): string {
  const quoted = /^(['"])(.*)\1$/s.exec(line.trimEnd());
  if (quoted === null) throw new BadSignature('A text in the pickle of the session has no quotes.');
  const characters = (quoted[2] ?? '').replace(
    /\\(?:x([0-9A-Fa-f]{2})|([0-7]{1,3})|([\s\S]))/g,
    (all, hex?: string, octal?: string, letter?: string) => {
      if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex, 16));
      if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8) & 0xff);
      return escapes[letter ?? ''] ?? all;
    },
  );
  return decodeByteString(Buffer.from(characters, 'latin1'));
}

/** Text in Python's `raw-unicode-escape`, as protocol 0 has it. */
export function decodeRawUnicode(line: string): string {
  return line.replace(/\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})/g, (all, short?: string, long?: string) => {
    const code = Number.parseInt(short ?? long ?? '', 16);
    return code <= 0x10ffff ? String.fromCodePoint(code) : all;
  });
}
