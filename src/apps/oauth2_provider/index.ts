import { defineCredentials } from '../define.js';
import { clearSteps } from './clear.js';
import { kinds } from './kinds.js';
import { app } from './models.js';

export default defineCredentials({
  package: 'django-oauth-toolkit',
  app,
  optional: [
    'IDToken',
    'DeviceGrant',
    'PushedAuthorizationRequest',
    'RefreshToken.token_checksum',
    'Application.backchannel_logout_uri',
    'AccessToken.id_token',
    'AccessToken.token_checksum',
    'AccessToken.source_refresh_token',
    'RefreshToken.token_family',
    'Application.post_logout_redirect_uris',
    'Application.hash_client_secret',
    'Application.algorithm',
    'Application.allowed_origins',
    'Grant.code_challenge',
    'Grant.code_challenge_method',
    'Grant.nonce',
    'Grant.claims',
  ],
  secrets: {
    Application: ['client_secret'],
    Grant: ['code'],
    AccessToken: ['token', 'token_checksum'],
    RefreshToken: ['token', 'token_checksum'],
    DeviceGrant: ['device_code', 'user_code'],
    PushedAuthorizationRequest: ['request_uri', 'parameters'],
  },
  hashed: ['Application.client_secret', 'AccessToken.token_checksum', 'RefreshToken.token_checksum'],
  kinds,
  prune: [{ name: 'oauth', commands: ['cleartokens'], steps: clearSteps }],
});
