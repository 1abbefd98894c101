import { asRequestError, RequestError } from './errors.js';
import type { Refusal } from './guards.js';

/** How a request is answered that failed: what the error says of itself, and nothing of what nobody foresaw. */
export function failureAnswer(error: unknown): Refusal {
  const known = asRequestError(error);
  const [status, headers, message] =
    known instanceof RequestError ? [known.status, known.headers, known.message] : [500, {}, 'The server has failed.'];
  return { status, headers: { 'Content-Type': 'text/plain; charset=utf-8', ...headers }, body: `${message}\n` };
}
