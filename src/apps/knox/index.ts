import { createHash } from 'node:crypto';
import type { Row } from '../../db/write/rows.js';
import { defineApp, findField } from '../../registry/define.js';
import { type AppTables, defineCredentials, isPast } from '../define.js';
import { step } from '../steps.js';

/** django-rest-knox 4.1 to 5.0 knox/models.py: 4.1 had a salt, and a `token_key` of 8 characters until 5.0. */
const app = defineApp({
  label: 'knox',
  verboseName: 'Knox',
  models: {
    AuthToken: {
      fields: {
        digest: { type: 'CharField', maxLength: 128, primaryKey: true },
        salt: { type: 'CharField', maxLength: 16, unique: true },
        token_key: { type: 'CharField', maxLength: 25, dbIndex: true },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        created: { type: 'DateTimeField', blank: true, default: { computed: 'now' } },
        expiry: { type: 'DateTimeField', null: true, blank: true },
      },
    },
  },
});

/** Characters of a token that knox looks it up by. */
function shownCharacters(tables: AppTables): number {
  const { maxLength = 8 } = findField(tables.model('AuthToken'), 'token_key') ?? {};
  return Math.min(maxLength, 15);
}

/** What knox keeps of a token: since 5.0 the digest of its text, and before that of the bytes that it spells. */
export function knoxDigest(token: string, tables: AppTables): { readonly token_key: string; readonly digest: string } {
  const shown = shownCharacters(tables);
  const bytes = shown >= 15 ? Buffer.from(token) : Buffer.from(token, 'hex');
  return { token_key: token.slice(0, shown), digest: createHash('sha512').update(bytes).digest('hex') };
}

export default defineCredentials({
  package: 'django-rest-knox',
  app,
  optional: ['AuthToken.salt'],
  secrets: { AuthToken: ['digest', 'salt'] },
  hashed: ['AuthToken.digest', 'AuthToken.salt'],
  kinds: [
    {
      kind: 'knox',
      group: 'token',
      model: 'AuthToken',
      user: 'user',
      fields: ['created', 'expiry', 'token_key'],
      describe: ({ created, expiry: expires, token_key: key }, now) => ({
        live: !isPast(expires, now),
        state: 'expired',
        created,
        expires,
        name: String(key).slice(0, 8),
      }),
      recognise: (token, tables): Row | undefined =>
        /[0-9a-f]{64}$/.test(token) && !tables.has('AuthToken', 'salt') ? { ...knoxDigest(token, tables) } : undefined,
    },
  ],
  prune: [{ name: 'knox', steps: (tables, { now }) => [step(tables, 'AuthToken', [['expiry', '<=', now]])] }],
});
