import { defineFacts } from '../app-facts.js';

/** Its tables are copies of a project's: simple-history.test.ts makes one. */
export default defineFacts({});
