import { encodeBase62 } from '../base62.js';
import { BadSignature, SignatureExpired } from './bad-signature.js';
import { parseJson, stringifyJson } from './json.js';
import type { Json } from './json-value.js';
import { decodePayload, encodePayload } from './payload.js';
import { splitSigned } from './signed-text.js';
import { createSigner, type Signer } from './signer.js';

export { BadSignature, SignatureExpired } from './bad-signature.js';
export type { Json, JsonObject } from './json-value.js';

/** What Django's `signing.dumps` takes for a salt where it is given none. */
const defaultSalt = 'django.core.signing';

export interface DumpOptions {
  /** The secret key. */
  readonly key: string;
  /** Names the purpose: what is signed for one is worth nothing for another. */
  readonly salt?: string;
  /** Compresses where that makes it shorter. */
  readonly compress?: boolean;
  readonly now?: Date;
}

export interface LoadOptions {
  readonly key: string;
  /** Older keys that are still accepted. */
  readonly fallbacks?: readonly string[];
  readonly salt?: string;
  /** Also accepts what Django 3.0 and older signed, with SHA-1. */
  readonly legacySha1?: boolean;
  /** Seconds since the signing after which the text is refused. */
  readonly maxAge?: number;
  readonly now?: Date;
}

/** `value` as signed text that Django's `signing.loads` accepts (Django 5.2 core/signing.py). */
export function dumps(
  value: Json,
  { key, salt = defaultSalt, compress = false, now = new Date() }: DumpOptions,
): string {
  return signJson(value, createSigner([key], salt), { compress, now });
}

/** As {@link dumps}, with a signer that many values share. */
export function signJson(
  value: Json,
  { sign }: Pick<Signer, 'sign'>,
  { compress, now }: { readonly compress: boolean; readonly now: Date },
): string {
  return signText(stringifyJson(value), { sign }, { compress, now });
}

/** As {@link signJson}, for a value that is JSON already, and ASCII alone. */
export function signText(
  json: string,
  { sign }: Pick<Signer, 'sign'>,
  { compress, now }: { readonly compress: boolean; readonly now: Date },
): string {
  const payload = encodePayload(Buffer.from(json, 'latin1'), { compress });
  const signed = `${payload}:${encodeBase62(Math.floor(now.getTime() / 1000))}`;
  return `${signed}:${sign(signed)}`;
}

/**
 * The value that {@link dumps} or Django's `signing.dumps` signed.
 *
 * @throws BadSignature where none of the keys signed it, SignatureExpired where that was more than `maxAge` seconds ago.
 */
export function loads(
  text: string,
  { key, fallbacks = [], salt = defaultSalt, legacySha1, maxAge, now = new Date() }: LoadOptions,
): Json {
  const { payload, signed, signature, signedAt } = splitSigned(text);
  if (createSigner([key, ...fallbacks], salt, { legacySha1 }).verify(signed, signature) === null) {
    throw new BadSignature('The signature does not match.');
  }
  const age = now.getTime() / 1000 - signedAt;
  if (maxAge !== undefined && age > maxAge) {
    throw new SignatureExpired(`The text was signed ${Math.floor(age)} seconds ago, and may be ${maxAge} seconds old.`);
  }
  return parseJson(decodePayload(payload).toString('latin1'));
}
