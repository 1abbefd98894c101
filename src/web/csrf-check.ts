import { csrfProblem, fetchMetadataProblem, maskSecret, newSecret } from './csrf.js';
import { contextOf, type RequestContext } from './request-context.js';

/** The CSRF token for a form's field or a script's header; the cookie that belongs to it is sent along. */
export function getToken(request: object): string {
  const { csrf } = contextOf(request);
  csrf.secret ??= newSecret();
  csrf.renew = true;
  return maskSecret(csrf.secret);
}

/** Why Django would refuse the request, in its words; `field` is the token that a form has brought along. */
export function djangoCsrfProblem(context: RequestContext, field?: string): string | undefined {
  const { server, facts, csrf, cookies } = context;
  const { settings } = server;
  const { useSessions, cookieName } = settings.csrf;
  const isThere = useSessions ? csrf.secret !== undefined : cookies.has(cookieName);
  return csrfProblem(
    facts,
    {
      headerName: settings.csrf.headerName,
      trustedOrigins: settings.csrf.trustedOrigins,
      cookieDomain: useSessions ? settings.session.cookieDomain : settings.csrf.cookieDomain,
    },
    { secret: isThere ? csrf.secret : undefined, cookieProblem: csrf.problem, field },
  );
}

/**
 * Why the settings have the request refused: undefined where they do not. Where browsers' own word is enough, a valid token
 * of Django's is too.
 */
export function requestProblem(context: RequestContext, field?: string): string | undefined {
  const { csrf } = context.server.settings;
  // Browsers send no tokens by themselves.
  if (csrf.mode === 'off' || context.auth !== null) return undefined;
  if (csrf.mode === 'django') return djangoCsrfProblem(context, field);
  const problem = fetchMetadataProblem(context.facts, csrf);
  return problem === undefined || djangoCsrfProblem(context, field) === undefined ? undefined : problem;
}
