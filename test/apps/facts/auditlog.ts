import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

export default defineFacts({
  held: (user) => [
    [
      'auditlog_logentry',
      {
        object_pk: String(user),
        object_repr: 'x',
        action: 1,
        timestamp: days(-400),
        actor_id: user,
        content_type_id: 1,
        changes_text: '',
      },
    ],
  ],
});
