import { createHash } from 'node:crypto';
import { equalTexts } from '../../../crypto/constant-time.js';
import type { Hasher } from '../hashers/hasher.js';
import { encodeBytes, numberOf } from './itoa64.js';
import { repeat } from './pauses.js';

/** Sixteen times what WordPress and Drupal ask for. */
const mostRounds = { md5: 17, sha512: 19 } as const;

/** phpass' portable hash: a character for log2 of the rounds, eight of salt, then the digest. */
async function stretch(digest: 'md5' | 'sha512', password: string | Buffer, settings: string): Promise<string> {
  const hash = (...parts: (string | Buffer)[]) => {
    const made = createHash(digest);
    for (const part of parts) made.update(part);
    return made.digest();
  };
  let state = hash(settings.slice(1), password);
  await repeat(2 ** numberOf(settings.charAt(0)), () => {
    state = hash(state, password);
  });
  return encodeBytes(state);
}

interface Form {
  readonly algorithm: string;
  readonly digest: 'md5' | 'sha512';
  /** Groups: all that comes before the digest of a stretched password, its settings, the digest. */
  readonly form: RegExp;
  /** What was stretched, where the prefix says that it is not the password itself. */
  readonly prepare?: (password: string, encoded: string) => string;
}

const hasher = ({ algorithm, digest, form, prepare = (password) => password }: Form): Hasher => ({
  algorithm,
  open(encoded) {
    const [, settings = '', stored = ''] = form.exec(encoded) ?? [];
    const log2 = settings === '' ? -1 : numberOf(settings.charAt(0));
    if (log2 < 7 || log2 > mostRounds[digest]) return undefined;
    return {
      outdated: true,
      verify: async (password) =>
        equalTexts(stored, (await stretch(digest, prepare(password, encoded), settings)).slice(0, stored.length)),
    };
  },
});

/** WordPress before 6.8 and phpBB3: `phpass$$P$B…`, passlib's convention. */
export const phpass = hasher({
  algorithm: 'phpass',
  digest: 'md5',
  form: /^phpass\$\$[PH]\$([./0-9A-Za-z]{9})([./0-9A-Za-z]{22})$/,
});

/** Drupal 7 to 9, cut to 55 characters as Drupal does; behind `U` the MD5 of the password was stretched. */
export const drupal = hasher({
  algorithm: 'drupal',
  digest: 'sha512',
  form: /^drupal\$U?\$S\$([./0-9A-Za-z]{9})([./0-9A-Za-z]{43})$/,
  prepare: (password, encoded) =>
    encoded.startsWith('drupal$U') ? createHash('md5').update(password).digest('hex') : password,
});
