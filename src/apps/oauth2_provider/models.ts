import { defineApp } from '../../registry/define.js';
import type { FieldDefinition } from '../../registry/types.js';

const key = { type: 'BigAutoField', primaryKey: true } as const;
const created = { type: 'DateTimeField', blank: true, default: { computed: 'now' } } as const;
const owner = { type: 'ForeignKey', to: 'auth.user', onDelete: 'CASCADE' } as const;
const ownerOrNobody = { ...owner, null: true, blank: true } as const;
const application = { type: 'ForeignKey', to: 'oauth2_provider.application', onDelete: 'CASCADE' } as const;
const anyApplication = { ...application, null: true, blank: true } as const;
const text = { type: 'TextField', blank: true } as const;
const empty = { blank: true, default: { value: '' } } as const;
const flag = (value: boolean): FieldDefinition => ({ type: 'BooleanField', default: { value } });

/** django-oauth-toolkit 1.3 to 3.4, oauth2_provider/models.py and its migrations. */
export const app = defineApp({
  label: 'oauth2_provider',
  verboseName: 'Django OAuth Toolkit',
  defaultAutoField: 'BigAutoField',
  models: {
    Application: {
      naturalKey: ['client_id'],
      fields: {
        id: key,
        client_id: { type: 'CharField', maxLength: 100, unique: true },
        user: ownerOrNobody,
        redirect_uris: text,
        post_logout_redirect_uris: { type: 'TextField', ...empty },
        client_type: { type: 'CharField', maxLength: 32 },
        authorization_grant_type: { type: 'CharField', maxLength: 32 },
        client_secret: { type: 'CharField', maxLength: 255, dbIndex: true, blank: true },
        hash_client_secret: flag(true),
        name: { type: 'CharField', maxLength: 255, blank: true },
        skip_authorization: flag(false),
        created,
        updated: created,
        algorithm: { type: 'CharField', maxLength: 5, ...empty },
        allowed_origins: { type: 'TextField', ...empty },
        backchannel_logout_uri: { type: 'URLField', maxLength: 200, ...empty },
      },
    },
    Grant: {
      fields: {
        id: key,
        user: owner,
        code: { type: 'CharField', maxLength: 255, unique: true },
        application,
        expires: { type: 'DateTimeField' },
        redirect_uri: { type: 'TextField' },
        scope: text,
        created,
        updated: created,
        code_challenge: { type: 'CharField', maxLength: 128, ...empty },
        code_challenge_method: { type: 'CharField', maxLength: 10, ...empty },
        nonce: { type: 'CharField', maxLength: 255, ...empty },
        claims: text,
      },
    },
    AccessToken: {
      fields: {
        id: key,
        user: ownerOrNobody,
        source_refresh_token: {
          type: 'OneToOneField',
          to: 'oauth2_provider.refreshtoken',
          onDelete: 'SET_NULL',
          null: true,
          blank: true,
        },
        token: { type: 'TextField' },
        token_checksum: { type: 'CharField', maxLength: 64, unique: true },
        id_token: {
          type: 'OneToOneField',
          to: 'oauth2_provider.idtoken',
          onDelete: 'CASCADE',
          null: true,
          blank: true,
        },
        application: anyApplication,
        expires: { type: 'DateTimeField' },
        scope: text,
        created,
        updated: created,
      },
    },
    RefreshToken: {
      uniqueTogether: [['token', 'revoked']],
      fields: {
        id: key,
        user: owner,
        token: { type: 'CharField', maxLength: 255 },
        token_checksum: { type: 'CharField', maxLength: 64 },
        application,
        access_token: {
          type: 'OneToOneField',
          to: 'oauth2_provider.accesstoken',
          onDelete: 'SET_NULL',
          null: true,
          blank: true,
        },
        token_family: { type: 'UUIDField', null: true, blank: true },
        created,
        updated: created,
        revoked: { type: 'DateTimeField', null: true },
      },
    },
    DeviceGrant: {
      fields: {
        id: key,
        user: ownerOrNobody,
        device_code: { type: 'CharField', maxLength: 100, unique: true },
        user_code: { type: 'CharField', maxLength: 100 },
        scope: { type: 'CharField', maxLength: 64, null: true },
        interval: { type: 'IntegerField', default: { value: 5 } },
        expires: { type: 'DateTimeField' },
        status: { type: 'CharField', maxLength: 64, blank: true, default: { value: 'authorization-pending' } },
        client_id: { type: 'CharField', maxLength: 100, dbIndex: true },
        last_checked: created,
      },
    },
    PushedAuthorizationRequest: {
      fields: {
        id: key,
        request_uri: { type: 'CharField', maxLength: 255, unique: true },
        client_id: { type: 'CharField', maxLength: 100, dbIndex: true },
        parameters: { type: 'JSONField', default: { computed: 'emptyObject' } },
        expires: { type: 'DateTimeField' },
        created,
      },
    },
    IDToken: {
      fields: {
        id: key,
        user: ownerOrNobody,
        jti: { type: 'UUIDField', unique: true, default: { computed: 'uuid4' }, verboseName: 'JWT Token ID' },
        application: anyApplication,
        expires: { type: 'DateTimeField' },
        scope: text,
        created,
        updated: created,
      },
    },
  },
});
