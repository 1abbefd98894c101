import { createHash, createHmac } from 'node:crypto';
import { equalTexts } from '../../../crypto/constant-time.js';
import type { Hasher } from '../hashers/hasher.js';

const lengths = { md5: 32, sha1: 40, sha256: 64 } as const;
const names = Object.keys(lengths) as (keyof typeof lengths)[];

/** `hex_md5$…`: passlib's name for a digest of the password alone. */
const plain = names.map((name): Hasher => {
  const form = new RegExp(`^hex_${name}\\$([0-9a-f]{${lengths[name]}})$`);
  return {
    algorithm: `hex_${name}`,
    open(encoded) {
      const digest = form.exec(encoded)?.[1];
      if (digest === undefined) return undefined;
      const verify = async (password: string) => equalTexts(digest, createHash(name).update(password).digest('hex'));
      return { outdated: true, verify };
    },
  };
});

/** `hmac_sha256$salt$hex`: what Werkzeug wrote before it stretched passwords. */
const keyed = names.map((name): Hasher => {
  const form = new RegExp(`^hmac_${name}\\$([^$]+)\\$([0-9a-f]{${lengths[name]}})$`);
  return {
    algorithm: `hmac_${name}`,
    open(encoded) {
      const [, salt, digest] = form.exec(encoded) ?? [];
      if (salt === undefined || digest === undefined) return undefined;
      const verify = async (password: string) =>
        equalTexts(digest, createHmac(name, salt).update(password).digest('hex'));
      return { outdated: true, verify };
    },
  };
});

/** `salted_sha256$salt$hex`: a digest of salt and password. */
const salted: Hasher = {
  algorithm: 'salted_sha256',
  open(encoded) {
    const [, salt, digest] = /^salted_sha256\$([^$]+)\$([0-9a-f]{64})$/.exec(encoded) ?? [];
    if (salt === undefined || digest === undefined) return undefined;
    return {
      outdated: true,
      verify: async (password) =>
        equalTexts(
          digest,
          createHash('sha256')
            .update(salt + password)
            .digest('hex'),
        ),
    };
  },
};

export const foreignDigests: readonly Hasher[] = [...plain, ...keyed, salted];
