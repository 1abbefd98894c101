import { BadSignature } from './signing/bad-signature.js';

/**
 * Bytes of base64 in the alphabet for URLs, padded or not.
 *
 * @throws BadSignature where it holds anything else: `Buffer.from` would skip that without a word.
 */
export function decodeBase64Url(text: string): Buffer {
  if (!/^[A-Za-z0-9_-]*={0,2}$/.test(text)) throw notBase64();
  return Buffer.from(text, 'base64url');
}

/** Bytes of base64 in the usual alphabet; white space may stand anywhere, as in what Python's `encodestring` wrote. */
export function decodeBase64(text: string): Buffer {
  const characters = text.replace(/\s+/g, '');
  if (characters.length % 4 !== 0 || !/^[A-Za-z0-9+/]+={0,2}$/.test(characters)) throw notBase64();
  return Buffer.from(characters, 'base64');
}

function notBase64(): BadSignature {
  return new BadSignature('The text is not valid base64.');
}
