import { defineApp } from '../../registry/define.js';
import { defineCredentials } from '../define.js';

/** django-allauth 0.50 to 65 allauth/socialaccount/models.py. */
const app = defineApp({
  label: 'socialaccount',
  verboseName: 'Social Accounts',
  models: {
    SocialApp: {
      verboseName: 'social application',
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        provider: { type: 'CharField', maxLength: 30 },
        provider_id: { type: 'CharField', maxLength: 200, blank: true, verboseName: 'provider ID' },
        name: { type: 'CharField', maxLength: 40 },
        client_id: { type: 'CharField', maxLength: 191 },
        secret: { type: 'CharField', maxLength: 191, blank: true, verboseName: 'secret key' },
        key: { type: 'CharField', maxLength: 191, blank: true },
        settings: { type: 'JSONField', blank: true, default: { computed: 'emptyObject' } },
      },
      manyToMany: {
        sites: { to: 'sites.site', blank: true },
      },
    },
    SocialAccount: {
      uniqueTogether: [['provider', 'uid']],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        user: { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' },
        provider: { type: 'CharField', maxLength: 200 },
        uid: { type: 'CharField', maxLength: 191 },
        last_login: { type: 'DateTimeField', blank: true, default: { computed: 'now' } },
        date_joined: { type: 'DateTimeField', blank: true, default: { computed: 'now' } },
        extra_data: { type: 'JSONField', default: { computed: 'emptyObject' } },
      },
    },
    SocialToken: {
      verboseName: 'social application token',
      uniqueTogether: [['app', 'account']],
      fields: {
        id: { type: 'AutoField', primaryKey: true, verboseName: 'ID' },
        app: { type: 'ForeignKey', to: 'socialaccount.socialapp', onDelete: 'SET_NULL', null: true, blank: true },
        account: { type: 'ForeignKey', to: 'socialaccount.socialaccount', onDelete: 'CASCADE' },
        token: { type: 'TextField' },
        token_secret: { type: 'TextField', blank: true },
        expires_at: { type: 'DateTimeField', null: true, blank: true },
      },
    },
  },
});

export const socialaccount = defineCredentials({
  package: 'django-allauth',
  app,
  optional: ['SocialApp.provider_id', 'SocialApp.settings'],
  secrets: { SocialApp: ['secret', 'key'], SocialToken: ['token', 'token_secret'], SocialAccount: ['extra_data'] },
  kinds: [
    {
      kind: 'social',
      group: 'social',
      model: 'SocialAccount',
      user: 'user',
      fields: ['provider', 'uid', 'last_login', 'date_joined'],
      describe: ({ provider, uid, last_login: lastUsed, date_joined: created }) => ({
        live: true,
        lastUsed,
        created,
        name: `${provider} ${uid}`,
      }),
    },
  ],
});
