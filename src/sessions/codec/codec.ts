import { BadSignature } from '../../crypto/signing/bad-signature.js';
import { parseJson } from '../../crypto/signing/json.js';
import type { Json, JsonObject } from '../../crypto/signing/json-value.js';
import { maxLength } from '../../crypto/signing/limits.js';
import { decodePayload } from '../../crypto/signing/payload.js';
import { splitSigned } from '../../crypto/signing/signed-text.js';
import { createSigner, isSha1Signature } from '../../crypto/signing/signer.js';
import { signJson, signText } from '../../crypto/signing/signing.js';
import { remembered } from '../../remembered.js';
import { createLegacyVerifier, decodeLegacy, type LegacyVerifier } from './legacy.js';
import { parsePickle } from './pickle.js';

/** The purpose that Django signs sessions in its database and cache for (contrib/sessions/backends/base.py, key_salt). */
export const databaseSalt = 'django.contrib.sessions.SessionStore';
/** The one for sessions that are kept in the cookie itself (contrib/sessions/backends/signed_cookies.py). */
export const cookieSalt = 'django.contrib.sessions.backends.signed_cookies';

export interface SessionKeys {
  /** Without it signatures are not verified. */
  readonly secretKey?: string | undefined;
  /** Older keys that are still accepted. */
  readonly secretKeyFallbacks?: readonly string[];
  /** {@link databaseSalt} by default. */
  readonly salt?: string;
  /** Verifies signatures of Django 3.0 and older, too, which are made with SHA-1. */
  readonly legacySha1?: boolean;
}

export interface DecodedSession {
  readonly data: JsonObject;
  /** `legacy` is what Django 3.0 and older wrote, and no Django since 4.0 reads. */
  readonly format: 'signed' | 'legacy';
  /** Django since 5.0 reads JSON alone. */
  readonly serializer: 'json' | 'pickle';
  /** Whether one of the keys signed it; null where there is no key to verify with. */
  readonly verified: boolean | null;
  /** The key that signed it: 0 the current one, 1 and so on the fallbacks, null none of them. */
  readonly keyIndex: number | null;
  /** Where its signature is as long as those that Django 3.0 and older made, with SHA-1; none since 4.0 accepts them. */
  readonly sha1?: true;
  /** When it was signed, as ISO text in UTC; the legacy format does not say. */
  readonly signedAt?: string;
}

/**
 * A session's data as the text that Django 5.2 keeps in `django_session.session_data`.
 *
 * @throws TypeError where the data holds what JSON cannot.
 */
export function encodeSession(
  data: JsonObject,
  { secretKey, now, salt = databaseSalt }: { readonly secretKey: string; readonly now?: Date; readonly salt?: string },
): string {
  return createSessionWriter({ secretKey, salt })(data, now);
}

/** As {@link encodeSession}, for many sessions: what comes from the key is worked out once. */
export function createSessionWriter({
  secretKey,
  salt = databaseSalt,
}: {
  readonly secretKey: string;
  readonly salt?: string;
}): (data: JsonObject, now?: Date) => string {
  const signer = createSigner([secretKey], salt);
  return (data, now = new Date()) => signJson(data, signer, { compress: true, now });
}

/**
 * Reads a session in any format that Django has written. A wrong signature is no error: `verified` says so, and the data
 * is then worth nothing but a look.
 *
 * @throws BadSignature for what cannot be decoded, in one sentence.
 */
export function decodeSession(text: string, keys: SessionKeys = {}): DecodedSession {
  const { signedAt, ...session } = createSessionReader(keys)(text);
  return signedAt === undefined ? session : { ...session, signedAt: isoTime(signedAt) };
}

/** A {@link DecodedSession} whose time of signing is in seconds since 1970. */
export interface ReadSession extends Omit<DecodedSession, 'signedAt'> {
  readonly signedAt: number | undefined;
}

/** {@link decodeSession} for many sessions: keys are derived once, and times not formatted. */
export function createSessionReader({
  secretKey,
  secretKeyFallbacks = [],
  salt = databaseSalt,
  legacySha1,
}: SessionKeys = {}): (text: string) => ReadSession {
  const signer =
    secretKey === undefined ? undefined : createSigner([secretKey, ...secretKeyFallbacks], salt, { legacySha1 });
  let legacy: LegacyVerifier | undefined;
  return (text) => {
    if (text.length > maxLength) {
      throw new BadSignature(`The session is longer than ${maxLength} characters and is refused.`);
    }
    if (text.trim() === '') throw new BadSignature('There is no session in an empty text.');
    if (!text.includes(':')) {
      const { bytes, hash } = decodeLegacy(text);
      if (secretKey !== undefined) legacy ??= createLegacyVerifier([secretKey, ...secretKeyFallbacks]);
      return readPayload(bytes, 'legacy', legacy?.(bytes, hash), undefined);
    }
    const { payload, signed, signature, signedAt } = splitSigned(text);
    if (signedAt < firstSecond || signedAt > lastSecond) throw badTime();
    const session = readPayload(decodePayload(payload), 'signed', signer?.verify(signed, signature), signedAt);
    return isSha1Signature(signature) ? { ...session, sha1: true } : session;
  };
}

/** Reads and writes what the sessions of a running site hold, as JSON: keys are derived once. */
export interface SessionTextCodec {
  /** The JSON of a session; undefined for what none of the keys signed, and for what no Django since 5.0 reads. */
  decode(text: string): string | undefined;
  encode(json: string, now: Date): string;
}

/** As Django's session store has it: what cannot be read is an empty session (Django 5.2 contrib/sessions/backends/base.py). */
export function createSessionTextCodec({
  secretKey,
  secretKeyFallbacks = [],
}: {
  readonly secretKey: string;
  readonly secretKeyFallbacks?: readonly string[];
}): SessionTextCodec {
  const signer = createSigner([secretKey, ...secretKeyFallbacks], databaseSalt);
  return {
    decode: remembered((text) => {
      try {
        const { payload, signed, signature } = splitSigned(text);
        if (signer.verify(signed, signature) === null) return undefined;
        return decodePayload(payload).toString('latin1');
      } catch (error) {
        if (error instanceof BadSignature) return undefined;
        throw error;
      }
    }),
    encode: (json, now) => signText(json, signer, { compress: true, now }),
  };
}

/** `keyIndex` is undefined where there was no key to verify with. */
function readPayload(
  bytes: Buffer,
  format: ReadSession['format'],
  keyIndex: number | null | undefined,
  signedAt: number | undefined,
): ReadSession {
  const serializer = startsPickle(bytes[0]) ? 'pickle' : 'json';
  const data: Json = serializer === 'json' ? parseJson(bytes.toString('latin1')) : parsePickle(bytes);
  if (data === null || typeof data !== 'object' || Array.isArray(data)) {
    throw new BadSignature('The session does not hold a dictionary.');
  }
  const verified = keyIndex === undefined ? null : keyIndex !== null;
  return { data: data as JsonObject, format, serializer, verified, keyIndex: keyIndex ?? null, signedAt };
}

/** A dictionary's pickle starts with its protocol, or with the mark or the empty dictionary of protocols 0 and 1. */
function startsPickle(byte: number | undefined): boolean {
  return byte === 0x80 || byte === 0x28 || byte === 0x7d;
}

/** Seconds since 1970 as ISO text in UTC. */
export function isoTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().replace('.000Z', '+00:00');
}

function badTime(): BadSignature {
  return new BadSignature('The time stamp of the signed text is not valid.');
}

/** The years 1 to 9999, which is what Python and both databases know. */
const firstSecond = -62_135_596_800;
const lastSecond = 253_402_300_799;
