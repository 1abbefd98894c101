import { deflateSync, inflateSync } from 'node:zlib';
import { decodeBase64Url } from '../base64url.js';
import { BadSignature } from './bad-signature.js';
import { maxLength } from './limits.js';

/** What Django puts before the time stamp: base64, and a dot in front where the bytes were compressed. */
export function encodePayload(bytes: Buffer, { compress }: { readonly compress: boolean }): string {
  const compressed = compress ? deflateSync(bytes, { chunkSize: Math.max(chunkSize, bytes.length) }) : bytes;
  // Django counts the dot: compressing must gain more than that (core/signing.py, sign_object).
  if (compressed.length < bytes.length - 1) return `.${compressed.toString('base64url')}`;
  return bytes.toString('base64url');
}

/**
 * The bytes of what {@link encodePayload} wrote.
 *
 * @throws BadSignature for anything else, and for what inflates to more than a session may.
 */
export function decodePayload(text: string): Buffer {
  if (!text.startsWith('.')) return decodeBase64Url(text);
  try {
    return inflateSync(decodeBase64Url(text.slice(1)), { chunkSize, maxOutputLength: maxLength });
  } catch (cause) {
    if (cause instanceof BadSignature) throw cause;
    if (cause instanceof RangeError) {
      throw new BadSignature(`The text inflates to more than ${maxLength / 1024 / 1024} MiB and is refused.`, {
        cause,
      });
    }
    throw new BadSignature('The text is marked as compressed and does not inflate.', { cause });
  }
}

/** Most sessions are shorter, and the buffer is made anew for each. */
const chunkSize = 512;
