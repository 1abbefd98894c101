import { CommandError } from '../../../errors.js';
import { ldapSchemes } from './ldap.js';
import { passlibForm } from './pbkdf2.js';

/** A hash as another system exports it. */
export interface ForeignHash {
  /** Its text; Keycloak's and Firebase's are objects, or the JSON of one. */
  readonly hash: unknown;
  /** Needed where the text does not say it: `md5`, `sha1`, `sha256`, `werkzeug`, `firebase`. */
  readonly algorithm?: string | undefined;
  /** Where it stands in a place of its own. */
  readonly salt?: string | undefined;
}

/** What the password column has of it. */
export interface ConvertedHash {
  readonly encoded: string;
  /** Whether stock Django 5.2 has a hasher for it, which may not be among those that a project has set. */
  readonly django: boolean;
}

type Rule = (text: string, hash: Foreign) => ConvertedHash | undefined;
interface Foreign extends ForeignHash {
  readonly maxLength: number;
}

const native = (encoded: string): ConvertedHash => ({ encoded, django: true });
const named = (encoded: string): ConvertedHash => ({ encoded, django: false });
const base64OfHex = (hex: string) => Buffer.from(hex, 'hex').toString('base64');

/** OpenSSL's limit, which Django leaves as it is: a hash that needs more is an error there, and no failed login. */
const djangoMemory = 32 * 2 ** 20;

const bcrypt: Rule = (text) =>
  /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/.test(text) ? native(`bcrypt$${text}`) : undefined;
const argon2: Rule = (text) => (/^\$argon2(?:id|i|d)\$/.test(text) ? native(`argon2${text}`) : undefined);
const phpass: Rule = (text) => (/^\$[PH]\$[./0-9A-Za-z]{31}$/.test(text) ? named(`phpass$${text}`) : undefined);
const wordpress: Rule = (text) => (text.startsWith('$wp$2') ? named(text.slice(1)) : undefined);
const drupal: Rule = (text) => (/^U?\$S\$[./0-9A-Za-z]{52}$/.test(text) ? named(`drupal$${text}`) : undefined);
const apr1: Rule = (text) => (text.startsWith('$apr1$') ? named(text.slice(1)) : undefined);
const passlib: Rule = (text) => (/^\$pbkdf2(?:-sha256|-sha512)?\$/.test(text) ? named(text.slice(1)) : undefined);

const crypt: Rule = (text, { maxLength }) => {
  if (/^\$5\$/.test(text)) return named(`sha256_crypt$${text}`);
  if (/^\$1\$/.test(text)) return named(`md5_crypt$${text}`);
  if (!/^\$6\$/.test(text)) return undefined;
  const whole = `sha512_crypt$${text}`;
  return named(whole.length <= maxLength ? whole : `crypt6${text.slice(2)}`);
};

const ldap: Rule = (text, hash) => {
  const [, scheme = '', rest = ''] = /^\{([A-Z0-9-]+)\}(.*)$/i.exec(text) ?? [];
  const known = ldapSchemes.find((each) => each.scheme === scheme.toUpperCase());
  if (known !== undefined) return named(`${known.algorithm}$\{${known.scheme}}${rest}`);
  // These two only wrap what other rules know.
  return /^(?:CRYPT|ARGON2)$/i.test(scheme) ? convertText(rest, hash) : undefined;
};

const werkzeugPbkdf2: Rule = (text, { maxLength }) => {
  const [, digest, iterations, salt, hex] =
    /^pbkdf2:(sha1|sha256|sha512):(\d+)\$([^$]+)\$([0-9a-f]+)$/.exec(text) ?? [];
  if (digest === undefined || salt === undefined || hex === undefined) return undefined;
  if (digest !== 'sha512') return native(`pbkdf2_${digest}$${iterations}$${salt}$${base64OfHex(hex)}`);
  return named(passlibForm('sha512', Number(iterations), Buffer.from(salt), Buffer.from(hex, 'hex'), maxLength));
};

const werkzeugScrypt: Rule = (text) => {
  const [, n, r, p, salt, hex] = /^scrypt:(\d+):(\d+):(\d+)\$([^$]+)\$([0-9a-f]{128})$/.exec(text) ?? [];
  if (salt === undefined || hex === undefined) return undefined;
  const [N, blocks, lanes] = [Number(n), Number(r), Number(p)];
  const fits = 128 * blocks * (N + lanes + 2) < djangoMemory;
  if (fits) return native(`scrypt$${N}$${salt}$${r}$${p}$${base64OfHex(hex)}`);
  // The first half of the key is as good, and leaves room for the name.
  return named(`werkzeug_scrypt$${N}$${salt}$${r}$${p}$${base64OfHex(hex.slice(0, 64))}`);
};

const betterAuth: Rule = (text) => {
  const [, salt, hex] = /^([0-9a-f]{32}):([0-9a-f]{128})$/.exec(text) ?? [];
  return salt === undefined || hex === undefined
    ? undefined
    : named(`better_auth$${salt}$${base64OfHex(hex.slice(0, 64))}`);
};

/** ASP.NET Identity: a byte for the version, then salt and key, for version 3 with their sizes before them. */
const aspNet: Rule = (text, { maxLength }) => {
  if (!/^A[A-Za-z0-9+/]{40,}={0,2}$/.test(text)) return undefined;
  const bytes = Buffer.from(text, 'base64');
  if (bytes[0] === 0 && bytes.length === 49) {
    return named(passlibForm('sha1', 1000, bytes.subarray(1, 17), bytes.subarray(17), maxLength));
  }
  if (bytes[0] !== 1 || bytes.length < 13 + 16 + 16) return undefined;
  const digest = (['sha1', 'sha256', 'sha512'] as const)[bytes.readUInt32BE(1)];
  const [iterations, saltLength] = [bytes.readUInt32BE(5), bytes.readUInt32BE(9)];
  if (digest === undefined || saltLength > bytes.length - 13 - 16) return undefined;
  const [salt, key] = [bytes.subarray(13, 13 + saltLength), bytes.subarray(13 + saltLength)];
  return named(passlibForm(digest, iterations, salt, key, maxLength));
};

const digests = { 32: 'md5', 40: 'sha1', 64: 'sha256' } as const;

/** Hexadecimal digits alone, or with a salt before or behind them: what they mean must be said. */
const hexDigest: Rule = (text, { algorithm = '', salt: given }) => {
  const wanted = algorithm
    .toLowerCase()
    .replace(/^(?:salted|hex|unsalted)_/, '')
    .replace(/^sha-/, 'sha');
  const [, hex = '', behind] = /^([0-9a-f]{32,64})(?::([^$:]+))?$/i.exec(text) ?? [];
  const name = digests[hex.length as keyof typeof digests];
  if (name === undefined || name !== wanted) return undefined;
  const salt = given || behind;
  const digest = hex.toLowerCase();
  if (salt === undefined) return named(`hex_${name}$${digest}`);
  if (name === 'md5') return native(`md5$${salt}$${digest}`);
  return named(name === 'sha1' ? `sha1$${salt}$${digest}` : `salted_sha256$${salt}$${digest}`);
};

const werkzeugDigest: Rule = (text, { algorithm }) => {
  const [, name, salt, hex] = /^(md5|sha1|sha256)\$([^$]+)\$([0-9a-f]+)$/.exec(text) ?? [];
  // Django has the names of the first two for something else.
  if (salt === undefined || (name !== 'sha256' && algorithm !== 'werkzeug')) return undefined;
  return named(`hmac_${name}$${salt}$${hex}`);
};

const rules: readonly Rule[] = [
  bcrypt,
  argon2,
  phpass,
  wordpress,
  drupal,
  apr1,
  passlib,
  crypt,
  ldap,
  werkzeugPbkdf2,
  werkzeugScrypt,
  betterAuth,
  werkzeugDigest,
  hexDigest,
  aspNet,
];

function convertText(text: string, hash: Foreign): ConvertedHash | undefined {
  for (const rule of rules) {
    const converted = rule(text, hash);
    if (converted !== undefined) return converted;
  }
  return undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  if (isRecord(value)) return value;
  if (typeof value !== 'string' || !value.trimStart().startsWith('{"')) return undefined;
  try {
    const parsed: unknown = JSON.parse(value);
    return isRecord(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

const bytesOf = (value: unknown) => (typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0));

/** Keycloak's `credentialData` and `secretData`, each an object or its JSON. */
function keycloak(record: Readonly<Record<string, unknown>>, { maxLength }: Foreign): ConvertedHash | undefined {
  const [data, secret] = [asRecord(record.credentialData), asRecord(record.secretData)];
  const [, digest] = /^pbkdf2(?:-(sha256|sha512))?$/.exec(String(data?.algorithm)) ?? [];
  const [salt, key] = [bytesOf(secret?.salt), bytesOf(secret?.value)];
  const iterations = Number(data?.hashIterations);
  if (data === undefined || salt.length === 0 || key.length < 16) return undefined;
  if (/^argon2/.test(String(data.algorithm))) return keycloakArgon2(data, salt, key);
  if (!/^pbkdf2/.test(String(data.algorithm)) || !Number.isInteger(iterations)) return undefined;
  return named(passlibForm((digest ?? 'sha1') as 'sha1' | 'sha256' | 'sha512', iterations, salt, key, maxLength));
}

function keycloakArgon2(data: Readonly<Record<string, unknown>>, salt: Buffer, key: Buffer): ConvertedHash | undefined {
  const more = asRecord(data.additionalParameters) ?? {};
  const one = (name: string, fallback: string) => {
    const value = more[name];
    return String((Array.isArray(value) ? value[0] : value) ?? fallback);
  };
  const version = one('version', '1.3') === '1.3' ? 19 : 16;
  const text = (bytes: Buffer) => bytes.toString('base64').replaceAll('=', '');
  const costs = `m=${one('memory', '7168')},t=${Number(data.hashIterations)},p=${one('parallelism', '1')}`;
  return native(`argon2$argon2${one('type', 'id')}$v=${version}$${costs}$${text(salt)}$${text(key)}`);
}

/** Firebase's hash and salt with the parameters of its project, under the names of its console and of its own. */
function firebase(record: Readonly<Record<string, unknown>>, salt: string | undefined): ConvertedHash | undefined {
  const project = asRecord(record.project) ?? asRecord(record.hash_config) ?? record;
  const pick = (...names: string[]) =>
    names.map((name) => project[name] ?? record[name]).find((value) => value !== undefined);
  const hash = bytesOf(pick('hash', 'passwordHash', 'password_hash'));
  const saltBytes = bytesOf(pick('salt') ?? salt);
  const signer = bytesOf(pick('base64_signer_key', 'signer_key', 'signerKey'));
  const separator = bytesOf(pick('base64_salt_separator', 'salt_separator', 'saltSeparator'));
  const [rounds, cost] = [Number(pick('rounds') ?? 8), Number(pick('mem_cost', 'memCost') ?? 14)];
  if (hash.length < 32 || signer.length < 32 || saltBytes.length === 0) return undefined;
  const stream = Buffer.from(hash.subarray(0, 32).map((byte, at) => byte ^ (signer[at] ?? 0)));
  const salted = Buffer.concat([saltBytes, separator]).toString('base64');
  return named(`firebase_scrypt$${cost}$${rounds}$${salted}$${stream.toString('base64')}`);
}

/**
 * What the password column is to hold for a hash of another system, or undefined for one of no known kind. Those that stock
 * Django verifies get Django's form; the others stand behind a name, by passlib's convention as far as they fit.
 *
 * @throws CommandError of code `hash_too_long` where it has more characters than the column.
 */
export function convertForeignHash(
  hash: ForeignHash,
  { maxLength = 128 }: { readonly maxLength?: number | undefined } = {},
): ConvertedHash | undefined {
  const foreign = { ...hash, maxLength };
  const record = asRecord(hash.hash);
  const converted =
    record === undefined
      ? typeof hash.hash === 'string'
        ? convertText(hash.hash.trim(), foreign)
        : undefined
      : record.credentialData === undefined
        ? firebase(record, hash.salt)
        : keycloak(record, foreign);
  if (converted === undefined || converted.encoded.length <= maxLength) return converted;
  throw new CommandError(
    `The hash has ${converted.encoded.length} characters in the form in which it can be verified, and the column holds ${maxLength}.`,
    { code: 'hash_too_long', hint: 'Make the column longer, or send this person a link to set a new password.' },
  );
}
