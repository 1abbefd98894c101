import { generateKeyPair, type KeyObject } from 'node:crypto';
import { promisify } from 'node:util';
import { type Algorithm, type Jwk, jwks, thumbprintOf } from './key-ring.js';

/** Algorithms that key pairs are made for. */
export const pairAlgorithms = ['RS256', 'ES256', 'EdDSA'] as const;
export type PairAlgorithm = (typeof pairAlgorithms)[number];

export interface GeneratedKeys {
  readonly algorithm: Algorithm;
  /** RFC 7638. */
  readonly kid: string;
  /** PEM (PKCS #8): a secret. */
  readonly privateKey: string;
  /** PEM (SPKI). */
  readonly publicKey: string;
  /** What `/.well-known/jwks.json` publishes. */
  readonly jwks: { readonly keys: readonly Jwk[] };
}

const generate = promisify(generateKeyPair) as (
  type: string,
  options: object,
) => Promise<{
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}>;

/** Makes a key pair for signing tokens; `bits` is the length of an RSA key. */
export async function generateKeys(
  algorithm: PairAlgorithm,
  { bits = 3072 }: { readonly bits?: number | undefined } = {},
): Promise<GeneratedKeys> {
  const { publicKey, privateKey } =
    algorithm === 'RS256'
      ? await generate('rsa', { modulusLength: bits })
      : algorithm === 'ES256'
        ? await generate('ec', { namedCurve: 'P-256' })
        : await generate('ed25519', {});
  return {
    algorithm,
    kid: thumbprintOf(publicKey),
    privateKey: String(privateKey.export({ type: 'pkcs8', format: 'pem' })),
    publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
    jwks: jwks(publicKey, { algorithm }),
  };
}
