import { createHmac, createPublicKey, createSecretKey, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { calculateJwkThumbprint } from 'jose';
import { expect, test } from 'vitest';
import { type Algorithm, jwks, openKeyRing, thumbprintOf, weaknessOf } from '../../src/tokens/key-ring.js';
import { createToken, decodeToken, signPayload, verifyToken } from '../../src/tokens/token.js';

interface Vector {
  readonly what: string;
  readonly alg: Algorithm;
  readonly token: string;
  readonly accepted: boolean;
  readonly payload: Record<string, unknown> | null;
  readonly clock?: 'then';
}
const vectors: {
  readonly secret_key: string;
  readonly keys: Record<string, { readonly private: string; readonly public: string }>;
  readonly tokens: readonly Vector[];
} = JSON.parse(readFileSync(new URL('../data/vectors/tokens.json', import.meta.url), 'utf8'));

const now = new Date('2026-11-26T13:00:00Z');
const keyOf = (algorithm: Algorithm) => vectors.keys[algorithm]?.public ?? vectors.secret_key;
const privateOf = (algorithm: Algorithm) => vectors.keys[algorithm]?.private ?? vectors.secret_key;
const codes: Readonly<Record<string, string>> = { expired: 'token_expired', 'not yet valid': 'token_not_yet_valid' };
const pairs = ['RS256', 'ES256', 'EdDSA'] as const;
const all = ['HS256', ...pairs] as const;

test.each(vectors.tokens.map((vector, index) => ({ ...vector, index })))(
  'token $index: $what',
  async ({ what, alg, token, accepted, payload, clock }) => {
    const time = clock === 'then' && payload !== null ? new Date((Number(payload.iat) + 1) * 1000) : now;
    const verified = verifyToken(token, { algorithm: alg, keys: keyOf(alg), type: null, now: time });
    // PyJWT takes padding, RFC 7515 does not: either is right.
    if (what.startsWith('padded')) await verified.catch((error) => expect(error.code).toBe('token_invalid'));
    else if (accepted) expect(await verified).toEqual(payload);
    else await expect(verified).rejects.toMatchObject({ name: 'TokenError', code: codes[what] ?? 'token_invalid' });
  },
);

test.each(all)('what is made with %s is verified, byte for byte as PyJWT writes it', async (algorithm) => {
  const vector = vectors.tokens.find(
    ({ alg, accepted, what }) => alg === algorithm && accepted && !/padded/.test(what),
  );
  const { header, payload } = decodeToken(vector?.token ?? '');
  const kid = typeof header.kid === 'string' ? header.kid : undefined;
  const keys = { kid, privateKey: privateOf(algorithm) };
  const made = await signPayload(payload, { algorithm, keys });
  const withoutSignature = (token = '') => token.slice(0, token.lastIndexOf('.'));
  expect(withoutSignature(made)).toBe(withoutSignature(vector?.token));
  if (algorithm !== 'ES256') expect(made).toBe(vector?.token);
  expect(await verifyToken(made, { algorithm, keys: keyOf(algorithm), type: null, now })).toEqual(payload);
});

test('the claims are those of simplejwt, in its order', async () => {
  const keys = vectors.secret_key;
  const token = await createToken({ user_id: 7, name: 'Ünï' }, { algorithm: 'HS256', keys, now });
  const { payload, header } = decodeToken(token);
  const iat = now.getTime() / 1000;
  expect(header).toEqual({ alg: 'HS256', typ: 'JWT' });
  expect(Object.keys(payload)).toEqual(['token_type', 'exp', 'iat', 'jti', 'user_id', 'name']);
  expect(payload).toMatchObject({ token_type: 'access', exp: iat + 300, iat, user_id: '7', name: 'Ünï' });
  expect(payload.jti).toMatch(/^[0-9a-f]{32}$/);
  const refresh = await createToken(
    {},
    { algorithm: 'HS256', keys, now, type: 'refresh', issuer: 'me', audience: 'you' },
  );
  expect(decodeToken(refresh).payload).toMatchObject({
    token_type: 'refresh',
    exp: iat + 86_400,
    iss: 'me',
    aud: 'you',
  });
});

test('type, audience, issuer and clocks are looked at', async () => {
  const options = { algorithm: 'HS256', keys: vectors.secret_key, now } as const;
  const token = await createToken({ user_id: 1 }, { ...options, issuer: 'me', audience: ['you', 'them'] });
  const good = { ...options, issuer: 'me', audience: 'them' } as const;
  expect(await verifyToken(token, good)).toMatchObject({ user_id: '1' });
  const later = (seconds: number) => new Date(now.getTime() + seconds * 1000);
  for (const [change, code] of [
    [{ type: 'refresh' }, 'token_invalid'],
    [{ issuer: 'you' }, 'token_invalid'],
    [{ audience: 'me' }, 'token_invalid'],
    [{ now: later(300) }, 'token_expired'],
    [{ now: later(-1) }, 'token_not_yet_valid'],
  ] as const) {
    await expect(verifyToken(token, { ...good, ...change })).rejects.toMatchObject({ code });
  }
  expect(await verifyToken(token, { ...good, audience: undefined })).toMatchObject({ user_id: '1' });
  expect(await verifyToken(token, { ...good, now: later(309), leeway: 10 })).toMatchObject({ token_type: 'access' });
  const nameless = await signPayload({ exp: 2_082_758_400, token_type: 'access' }, options);
  await expect(verifyToken(nameless, options)).rejects.toMatchObject({ code: 'token_invalid' });
  const endless = await signPayload({ jti: 'x', token_type: 'access' }, options);
  await expect(verifyToken(endless, options)).rejects.toMatchObject({ code: 'token_invalid' });
});

test('what PyJWT refuses in a token that is signed is refused, and what is no clock lets nothing in', async () => {
  const options = { algorithm: 'HS256', keys: vectors.secret_key, now } as const;
  const part = (value: unknown) => Buffer.from(JSON.stringify(value).replace('"1e400"', '1e400')).toString('base64url');
  const good = { token_type: 'access', exp: 2_082_758_400, jti: 'x' };
  const signed = (header: object, payload: object) => {
    const text = `${part({ alg: 'HS256', ...header })}.${part({ ...good, ...payload })}`;
    return `${text}.${createHmac('sha256', vectors.secret_key).update(text).digest('base64url')}`;
  };
  for (const payload of [{}, { exp: 253_402_300_799 }, { iat: '1', nbf: 1.5 }, { sub: '1' }]) {
    expect(await verifyToken(signed({}, payload), options)).toMatchObject({ jti: 'x' });
  }
  for (const [header, payload] of [
    [{ b64: false }, {}],
    [{ b64: false, crit: ['b64'] }, {}],
    [{ crit: ['exp'] }, {}],
    [{ kid: null }, {}],
    [{ kid: { a: 1 } }, {}],
    ...['', 'none', 'None', null, ['HS256'], {}].map((alg) => [{ alg }, {}] as const),
    [{}, { jti: null }],
    [{}, { jti: 5 }],
    [{}, { sub: 5 }],
    [{}, { exp: '1e400' }],
    [{}, { exp: '2082758400' }],
    [{}, { exp: 253_402_300_800 }],
    [{}, { exp: null }],
    [{}, { exp: [2_082_758_400] }],
    [{}, { iat: 'x' }],
  ] as const) {
    const verified = verifyToken(signed(header, payload), options);
    await expect(verified, JSON.stringify([header, payload])).rejects.toMatchObject({ code: 'token_invalid' });
  }
  const token = signed({}, {});
  for (const text of [
    `${token}\n`,
    ` ${token}`,
    token.slice(0, -9),
    token.replace(/[^.]*$/, ''),
    '.'.repeat(1_000_000),
  ]) {
    await expect(verifyToken(text, options)).rejects.toMatchObject({ code: 'token_invalid' });
  }
  const expired = signed({}, { exp: 1 });
  for (const more of [{}, { leeway: Number.NaN }, { now: new Date(Number.NaN) }]) {
    await expect(verifyToken(expired, { ...options, ...more })).rejects.toMatchObject({ code: 'token_expired' });
  }
});

test.each(pairs)('a ring of %s keys signs with the first and verifies with all', async (algorithm) => {
  const pair = () =>
    algorithm === 'RS256'
      ? generateKeyPairSync('rsa', { modulusLength: 2048 })
      : algorithm === 'ES256'
        ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
        : generateKeyPairSync('ed25519');
  const [first, second, other] = [pair(), pair(), pair()];
  const old = { algorithm, keys: [{ kid: 'old', key: second.privateKey }] } as const;
  const ring = [
    { kid: 'new', key: first.privateKey },
    { kid: 'old', publicKey: second.publicKey },
  ];
  const token = await createToken({ user_id: 1 }, { algorithm, keys: ring });
  expect(decodeToken(token).header.kid).toBe('new');
  expect(await verifyToken(token, { algorithm, keys: ring })).toMatchObject({ user_id: '1' });
  expect(await verifyToken(await createToken({ user_id: 2 }, old), { algorithm, keys: ring })).toMatchObject({
    user_id: '2',
  });
  const foreign = await createToken({ user_id: 1 }, { algorithm, keys: { kid: 'new', key: other.privateKey } });
  await expect(verifyToken(foreign, { algorithm, keys: ring })).rejects.toMatchObject({ code: 'token_invalid' });
  const locked = first.privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-128-cbc', passphrase: 'x' });
  await expect(createToken({}, { algorithm, keys: locked })).rejects.toThrow('A key of the ring has a passphrase.');
  await expect(createToken({}, { algorithm, keys: second.publicKey })).rejects.toMatchObject({ code: 'bad_key' });

  const published = jwks(ring, { algorithm });
  expect(published.keys.map(({ kid, alg, use }) => ({ kid, alg, use }))).toEqual([
    { kid: 'new', alg: algorithm, use: 'sig' },
    { kid: 'old', alg: algorithm, use: 'sig' },
  ]);
  for (const secret of ['d', 'p', 'q', 'dp', 'dq', 'qi']) expect(published.keys[0]).not.toHaveProperty(secret);
  expect(await verifyToken(token, { algorithm, keys: published.keys })).toMatchObject({ user_id: '1' });
  const jwk = first.publicKey.export({ format: 'jwk' });
  expect(thumbprintOf(first.privateKey)).toBe(
    await calculateJwkThumbprint(jwk as Parameters<typeof calculateJwkThumbprint>[0]),
  );
});

test('a key is only taken for its own algorithm', () => {
  const { public: rsa = '' } = vectors.keys.RS256 ?? {};
  for (const [algorithm, keys] of [
    ['HS256', rsa],
    ['HS256', ''],
    ['HS256', createPublicKey(rsa)],
    ['ES256', rsa],
    ['EdDSA', rsa],
    ['RS256', vectors.secret_key],
    ['RS256', createSecretKey(Buffer.from('x'))],
    ['none', 'x'],
    ['HS256', []],
  ] as const) {
    expect(() => openKeyRing(algorithm as Algorithm, keys)).toThrow(/key|secret|algorithm/);
  }
  expect(jwks(vectors.secret_key, { algorithm: 'HS256' })).toEqual({ keys: [] });
});

test('keys that are too short for their algorithm are told', () => {
  const weak = (algorithm: Algorithm, keys: string) =>
    openKeyRing(algorithm, keys).map((key) => weaknessOf(algorithm, key));
  expect(weak('HS256', 'x'.repeat(31))).toEqual(['It has 31 bytes, and HS256 wants 32 at least.']);
  expect(weak('HS256', 'x'.repeat(32))).toEqual([undefined]);
  expect(weak('HS512', 'x'.repeat(63))).toEqual(['It has 63 bytes, and HS512 wants 64 at least.']);
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 });
  expect(weak('RS256', String(publicKey.export({ type: 'spki', format: 'pem' })))).toEqual([
    'It has 1024 bits, and RS256 wants 2048 at least.',
  ]);
});
