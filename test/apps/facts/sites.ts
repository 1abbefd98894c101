import { defineFacts } from '../app-facts.js';

/** It holds no credentials: other apps refer to it. */
export default defineFacts({});
