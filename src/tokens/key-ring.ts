import { createHash, createPrivateKey, createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { CommandError } from '../errors.js';

/** Algorithms that tokens are signed with; each has one kind of key. */
export const algorithms = ['HS256', 'HS384', 'HS512', 'RS256', 'RS384', 'RS512', 'ES256', 'ES384', 'EdDSA'] as const;
export type Algorithm = (typeof algorithms)[number];

/** A public key, or a pair, as RFC 7517 has it. */
export type Jwk = Readonly<Record<string, unknown>>;

/** One key: PEM of a private or a public key, a secret for HS algorithms, a JWK, or what Node has made of any of them. */
export type KeyMaterial = string | Uint8Array | KeyObject | Jwk;

export interface NamedKey {
  /** The name that tokens give their key by; the first key's stands in those that are made. */
  readonly kid?: string | undefined;
  /** A secret, or a key that is a pair, or public alone. */
  readonly key?: KeyMaterial | undefined;
  /** PEM of a private key: it verifies, too. */
  readonly privateKey?: KeyMaterial | undefined;
  /** PEM of a public key: it only verifies. */
  readonly publicKey?: KeyMaterial | undefined;
}

/** Keys in the order in which they are tried: the first one signs, all verify. */
export type Keys = KeyMaterial | NamedKey | readonly (KeyMaterial | NamedKey)[];

/** A key that is ready. */
export interface RingKey {
  readonly kid: string | undefined;
  /** Undefined for a key that is public alone. */
  readonly signs: KeyObject | undefined;
  readonly verifies: KeyObject;
}

const isSymmetric = (algorithm: string) => algorithm.startsWith('HS');

const badKey = (message: string, hint: string, cause?: unknown) =>
  new CommandError(message, { code: 'bad_key', hint, ...(cause === undefined ? {} : { cause }) });

const isNamed = (key: KeyMaterial | NamedKey): key is NamedKey =>
  typeof key === 'object' && ['key', 'privateKey', 'publicKey'].some((name) => name in key);

const isKeyObject = (key: object): key is KeyObject => 'asymmetricKeyType' in key || ('type' in key && 'export' in key);

const listOf = (keys: Keys): readonly (KeyMaterial | NamedKey)[] =>
  Array.isArray(keys) ? keys : [keys as KeyMaterial | NamedKey];

/**
 * Makes keys ready for an algorithm.
 *
 * @throws CommandError of code `bad_key` where one is no key of the algorithm. A secret is never taken from the text of a
 * public key, which everybody may have.
 */
export function openKeyRing(algorithm: Algorithm, keys: Keys): readonly RingKey[] {
  if (!algorithms.includes(algorithm)) {
    throw new CommandError(`The token algorithm '${String(algorithm)}' is not known.`, {
      code: 'bad_algorithm',
      hint: `Known are ${algorithms.join(', ')}.`,
    });
  }
  const ring = listOf(keys).map((each) => (isNamed(each) ? named(algorithm, each) : single(algorithm, each)));
  if (ring.length > 0) return ring;
  throw badKey('There is no key to sign or to verify tokens with.', 'Give one at least.');
}

function named(algorithm: Algorithm, { kid, key, privateKey, publicKey }: NamedKey): RingKey {
  const material = privateKey ?? key ?? publicKey;
  if (material === undefined) throw badKey('A key of the ring is empty.', 'Give its text.');
  const made = single(algorithm, material);
  const verifies = publicKey === undefined ? made.verifies : single(algorithm, publicKey).verifies;
  return { ...made, verifies, kid: kid ?? made.kid };
}

function single(algorithm: Algorithm, material: KeyMaterial): RingKey {
  const kid =
    typeof material === 'object' && 'kty' in material && typeof material.kid === 'string' ? material.kid : undefined;
  if (isSymmetric(algorithm)) {
    const secret = secretOf(material);
    return { kid, signs: secret, verifies: secret };
  }
  const pair = privateOf(material);
  const verifies = pair === undefined ? publicOf(material) : createPublicKey(pair);
  assertFits(algorithm, verifies);
  return { kid, signs: pair, verifies };
}

function secretOf(material: KeyMaterial): KeyObject {
  if (typeof material === 'object' && !(material instanceof Uint8Array)) {
    if (isKeyObject(material) && material.type === 'secret') return material;
    if ('k' in material && typeof material.k === 'string') return createSecretKey(Buffer.from(material.k, 'base64url'));
    throw badKey(
      'A key pair cannot be the secret of an HS algorithm.',
      'Give the secret, or choose RS256, ES256 or EdDSA.',
    );
  }
  const text = typeof material === 'string' ? material : Buffer.from(material).toString('latin1');
  if (/-----BEGIN [A-Z ]*(KEY|CERTIFICATE)-----|^ssh-(rsa|ed25519) /.test(text)) {
    throw badKey(
      'A key pair cannot be the secret: its public half may be known.',
      'Give a secret, or choose RS256, ES256 or EdDSA.',
    );
  }
  const bytes = typeof material === 'string' ? Buffer.from(material) : Buffer.from(material);
  if (bytes.length === 0) throw badKey('The secret that signs tokens is empty.', 'Give one of 32 characters or more.');
  return createSecretKey(bytes);
}

function privateOf(material: KeyMaterial): KeyObject | undefined {
  if (typeof material === 'object' && !(material instanceof Uint8Array)) {
    if (isKeyObject(material)) return material.type === 'private' ? material : undefined;
    return 'd' in material ? parsed(() => createPrivateKey({ key: { ...material }, format: 'jwk' })) : undefined;
  }
  const text = Buffer.from(material as string).toString();
  if (/-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw badKey('A key of the ring has a passphrase.', 'Give it without: `openssl pkey -in FILE` asks for it once.');
  }
  return /PRIVATE KEY-----/.test(text) ? parsed(() => createPrivateKey(text)) : undefined;
}

function publicOf(material: KeyMaterial): KeyObject {
  if (typeof material === 'object' && !(material instanceof Uint8Array)) {
    if (isKeyObject(material)) {
      if (material.type === 'public') return material;
      throw badKey('A secret cannot verify what a key pair has signed.', 'Give the public key, in PEM.');
    }
    return parsed(() => createPublicKey({ key: { ...material }, format: 'jwk' }));
  }
  return parsed(() => createPublicKey(Buffer.from(material as string).toString()));
}

/** Neither the text of a key nor what OpenSSL says of it is shown. */
function parsed(parse: () => KeyObject): KeyObject {
  try {
    return parse();
  } catch (cause) {
    throw badKey(
      'A key of the ring is not a private or public key.',
      'Give it in PEM, as generatekeys writes it.',
      cause,
    );
  }
}

const typesOf: Readonly<Record<string, string>> = { R: 'rsa', E: 'ec' };
const curves: Readonly<Record<string, string>> = { ES256: 'prime256v1', ES384: 'secp384r1' };

function assertFits(algorithm: Algorithm, { asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): void {
  const wanted = algorithm === 'EdDSA' ? 'ed25519' : typesOf[algorithm.charAt(0)];
  if (type !== wanted || (curves[algorithm] !== undefined && details?.namedCurve !== curves[algorithm])) {
    throw badKey(`A key of the ring is not a key for ${algorithm}.`, 'Make another one, for this algorithm.');
  }
}

/** Bits or bytes that a key has too few of for its algorithm (RFC 7518, 3.2 and 3.3), as a sentence; undefined where it has enough. */
export function weaknessOf(algorithm: Algorithm, { verifies }: RingKey): string | undefined {
  if (isSymmetric(algorithm)) {
    const [size, wanted] = [verifies.symmetricKeySize ?? 0, Number(algorithm.slice(2)) / 8];
    return size < wanted ? `It has ${size} bytes, and ${algorithm} wants ${wanted} at least.` : undefined;
  }
  const bits = verifies.asymmetricKeyDetails?.modulusLength;
  return bits !== undefined && bits < 2048 ? `It has ${bits} bits, and ${algorithm} wants 2048 at least.` : undefined;
}

const thumbprintMembers: Readonly<Record<string, readonly string[]>> = {
  RSA: ['e', 'kty', 'n'],
  EC: ['crv', 'kty', 'x', 'y'],
  OKP: ['crv', 'kty', 'x'],
};

/** The name of a key that follows from the key itself (RFC 7638). */
export function thumbprintOf(key: KeyObject): string {
  const jwk = createPublicKeyOf(key).export({ format: 'jwk' }) as Record<string, unknown>;
  const members = (thumbprintMembers[String(jwk.kty)] ?? []).map((name) => [name, jwk[name]]);
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(members)))
    .digest('base64url');
}

const createPublicKeyOf = (key: KeyObject) => (key.type === 'private' ? createPublicKey(key) : key);

/**
 * What `/.well-known/jwks.json` publishes: the public halves of all keys, for those who verify tokens. A secret is never
 * published: with HS algorithms the list is empty.
 */
export function jwks(keys: Keys, { algorithm }: { readonly algorithm: Algorithm }): { readonly keys: readonly Jwk[] } {
  if (isSymmetric(algorithm)) return { keys: [] };
  return {
    keys: openKeyRing(algorithm, keys).map(({ kid, verifies }) => ({
      ...(verifies.export({ format: 'jwk' }) as Jwk),
      kid: kid ?? thumbprintOf(verifies),
      alg: algorithm,
      use: 'sig',
    })),
  };
}
