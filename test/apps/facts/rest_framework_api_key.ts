import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

/** Keys are nobody's. */
export default defineFacts({
  shared: [
    [
      'rest_framework_api_key_apikey',
      {
        id: 'prefix12.secret-key-1',
        prefix: 'prefix12',
        hashed_key: 'secret-key-1',
        created: days(-9),
        name: 'backup',
        revoked: false,
      },
    ],
  ],
});
