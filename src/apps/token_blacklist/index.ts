import { insertTarget, noneOf, valueNamed } from '../../db/read/expressions.js';
import { timestampOf } from '../../db/values/moments.js';
import { defineApp, storedField } from '../../registry/define.js';
import { defineCredentials, type EndScope, isPast } from '../define.js';
import { step } from '../steps.js';

/** djangorestframework-simplejwt 5.5 token_blacklist/models.py; `user` may be NULL and survives the user since 5.4. */
const app = defineApp({
  label: 'token_blacklist',
  verboseName: 'Token Blacklist',
  defaultAutoField: 'BigAutoField',
  models: {
    OutstandingToken: {
      ordering: ['user'],
      fields: {
        id: { type: 'BigAutoField', primaryKey: true },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'SET_NULL', null: true, blank: true },
        jti: { type: 'CharField', maxLength: 255, unique: true },
        token: { type: 'TextField' },
        created_at: { type: 'DateTimeField', null: true, blank: true },
        expires_at: { type: 'DateTimeField' },
      },
    },
    BlacklistedToken: {
      fields: {
        id: { type: 'BigAutoField', primaryKey: true },
        token: { type: 'OneToOneField', to: 'token_blacklist.outstandingtoken', onDelete: 'CASCADE' },
        blacklisted_at: { type: 'DateTimeField', blank: true, default: { computed: 'now' } },
      },
    },
  },
});

/** Puts the tokens that are still good on the blacklist, in one statement: without its row a token would be let in again. */
async function blacklist({ tables, model, now, narrow }: EndScope): Promise<number> {
  const { db, dialect, registry } = tables.connection;
  const blacklisted = tables.model('BlacklistedToken');
  const column = (name: string) => model.fields.find((field) => field.name === name) ?? model.primaryKey;
  const moment = dialect.bind(db, storedField(registry, column('expires_at')), timestampOf(now));
  const isOver = dialect.compareMoments(db, column('expires_at'), `${model.table}.expires_at`, '<=', timestampOf(now));
  const tokenId = `${blacklisted.table}.token_id`;
  const wanted = narrow(
    db(model.table)
      .select(valueNamed(db, moment, 'blacklisted_at'), `${model.table}.id`)
      // What cannot be read may be in force.
      .whereRaw(noneOf(db, [isOver]))
      .whereNotExists(
        db(blacklisted.table)
          .select(tokenId)
          .where(tokenId, db.ref(`${model.table}.id`)),
      ),
  );
  const [row]: { count?: number | string }[] = await db.count({ count: '*' }).from(wanted.clone().as('live'));
  const live = Number(row?.count ?? 0);
  const target = insertTarget(db, blacklisted.table, ['blacklisted_at', 'token_id']);
  if (live > 0) await db(target).insert(wanted);
  return live;
}

export default defineCredentials({
  package: 'djangorestframework-simplejwt',
  app,
  secrets: { OutstandingToken: ['token'] },
  kinds: [
    {
      kind: 'jwt',
      group: 'token',
      model: 'OutstandingToken',
      user: 'user',
      fields: ['jti', 'created_at', 'expires_at'],
      counts: { blacklisted: ['BlacklistedToken', 'token'] },
      describe: ({ jti, created_at: created, expires_at: expires, blacklisted }, now) => {
        const state = isPast(expires, now) ? 'expired' : blacklisted !== 0 ? 'blacklisted' : undefined;
        return { live: state === undefined, ...(state && { state }), expires, created, name: String(jti) };
      },
      end: blacklist,
    },
  ],
  // flushexpiredtokens (token_blacklist/management/commands): the blacklist goes with what is on it.
  prune: [
    {
      name: 'jwt',
      commands: ['flushexpiredtokens'],
      steps: (tables, { now }) => [step(tables, 'OutstandingToken', [['expires_at', '<=', now]])],
    },
  ],
});
