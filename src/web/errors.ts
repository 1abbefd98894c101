import { CommandError } from '../errors.js';

/** An error that says with which status a request is answered; frameworks that know `status` and `headers` heed them. */
export class RequestError extends CommandError {
  override name = 'RequestError';
  readonly status: number;
  /** For Fastify, which calls it so. */
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    options: { code: string; headers?: Readonly<Record<string, string>>; cause?: unknown },
  ) {
    super(message, { code: options.code, cause: options.cause });
    this.status = status;
    this.statusCode = status;
    this.headers = options.headers ?? {};
  }
}

/** The session was deleted while the request was at work. Status 400, as in Django. */
export class SessionInterrupted extends RequestError {
  override name = 'SessionInterrupted';

  constructor() {
    super(
      400,
      "The request's session was deleted before the request completed. The user may have logged out in a concurrent request, for example.",
      { code: 'session_interrupted' },
    );
  }
}

/** A backend throws it to refuse a login or a right, whatever the backends after it would say. */
export { PermissionDenied } from '../auth/backends/backend.js';

/** Codes of errors by which a database says that it cannot answer now. */
const unavailable = [
  'database_unreachable',
  // While a standby takes the place of its primary server.
  'database_read_only',
  'unsuitable_server',
  'connection_lost',
  'connection_closed',
  'database_locked',
  'database_busy',
  'query_cancelled',
  'too_many_connections',
];

/** The error as one of status 503, where it says that the database cannot answer now; else the error itself. */
export function asRequestError(error: unknown): unknown {
  if (error instanceof RequestError || !(error instanceof Error)) return error;
  const isBusy = error.name === 'KnexTimeoutError';
  if (!isBusy && !(error instanceof CommandError && unavailable.includes(error.code))) return error;
  const cause = isBusy ? new Error('All connections of the pool are in use.', { cause: error }) : error;
  return new RequestError(503, 'The service is not available at the moment. Try again later.', {
    code: 'service_unavailable',
    headers: { 'Retry-After': '5' },
    cause,
  });
}
