import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

export default defineFacts({
  shared: [
    [
      'oauth2_provider_application',
      {
        id: 1,
        client_id: 'portal',
        redirect_uris: '',
        client_type: 'confidential',
        authorization_grant_type: 'authorization-code',
        client_secret: 'secret-client',
        name: 'Portal',
        user_id: 1,
        skip_authorization: false,
        created: days(-100),
        updated: days(-100),
        algorithm: '',
        post_logout_redirect_uris: '',
        hash_client_secret: true,
        allowed_origins: '',
      },
    ],
  ],
  held(user) {
    const key = user * 10;
    const common = { created: days(-9), updated: days(-9), application_id: 1, user_id: user };
    const access = { ...common, scope: 'read' };
    return [
      [
        'oauth2_provider_accesstoken',
        { ...access, id: key, token: `secret-access-${user}`, token_checksum: `secret-sum-${user}`, expires: days(1) },
      ],
      [
        'oauth2_provider_accesstoken',
        {
          ...access,
          id: key + 1,
          token: `secret-old-${user}`,
          token_checksum: `secret-old-sum-${user}`,
          expires: days(-40),
        },
      ],
      [
        'oauth2_provider_refreshtoken',
        { ...common, id: key, token: `secret-refresh-${user}`, access_token_id: key, revoked: null },
      ],
      [
        'oauth2_provider_refreshtoken',
        { ...common, id: key + 1, token: `secret-over-${user}`, access_token_id: null, revoked: days(-39) },
      ],
      [
        'oauth2_provider_grant',
        {
          ...access,
          code: `secret-code-${user}`,
          expires: days(-1),
          redirect_uri: '',
          code_challenge: '',
          code_challenge_method: '',
          nonce: '',
          claims: '',
        },
      ],
    ];
  },
  credentials: [
    'oauth2_access expired',
    'oauth2_access live',
    'oauth2_application live',
    'oauth2_grant expired',
    'oauth2_refresh live',
    'oauth2_refresh revoked',
  ],
  ended: ['1 oauth2_grant', '2 oauth2_access', '2 oauth2_refresh'],
  stays: ['oauth2_application live'],
  pruned: { 'oauth oauth2_provider_accesstoken': 2, 'oauth oauth2_provider_grant': 2 },
});
