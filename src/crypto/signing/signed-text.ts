import { decodeBase62 } from '../base62.js';
import { BadSignature } from './bad-signature.js';
import { maxLength } from './limits.js';

/** The parts of signed text, not yet verified; `signedAt` is in seconds since 1970. */
export interface SignedParts {
  readonly payload: string;
  /** What the signature is of. */
  readonly signed: string;
  readonly signature: string;
  readonly signedAt: number;
}

/**
 * Takes signed text apart.
 *
 * @throws BadSignature where it is not `payload:time:signature`.
 */
export function splitSigned(text: string): SignedParts {
  if (text.length > maxLength)
    throw new BadSignature(`The text is longer than ${maxLength} characters and is refused.`);
  const beforeSignature = text.lastIndexOf(':');
  const beforeTime = text.lastIndexOf(':', beforeSignature - 1);
  if (beforeTime < 0 || beforeSignature <= 0) {
    throw new BadSignature('The text is not signed: it is not of the form data:time:signature.');
  }
  const signedAt = decodeBase62(text.slice(beforeTime + 1, beforeSignature));
  if (signedAt === undefined) throw new BadSignature('The time stamp of the signed text is not valid.');
  return {
    payload: text.slice(0, beforeTime),
    signed: text.slice(0, beforeSignature),
    signature: text.slice(beforeSignature + 1),
    signedAt,
  };
}
