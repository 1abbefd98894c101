import { defineFacts } from '../app-facts.js';
import { days } from '../site.js';

export default defineFacts({
  held: (user) => [['reversion_revision', { date_created: days(-400), comment: '', user_id: user }]],
});
