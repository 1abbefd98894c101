import type { RecognisedToken } from '../../apps/recognise.js';
import type { Context } from '../../command.js';
import { visible } from '../../text.js';

const names: Readonly<Record<string, string>> = {
  jwt: 'JSON Web Token',
  authtoken: 'token of REST framework',
  knox: 'token of knox',
  api_key: 'API key',
  oauth2_access: 'OAuth access token',
  oauth2_refresh: 'OAuth refresh token',
};

/** Prints what a token is, line by line. */
export async function printToken({ terminal }: Context, token: RecognisedToken): Promise<void> {
  const { kind, user, expires, accepted, reasons, header, payload, keyIndex } = token;
  const signer =
    keyIndex === undefined ? undefined : keyIndex === null ? 'none of the keys' : `key ${keyIndex + 1} of the settings`;
  const verdict = accepted === null ? 'not known' : accepted ? 'yes' : 'no';
  const lines: (readonly [string, string | undefined])[] = [
    ['Kind', names[kind ?? ''] ?? kind ?? ''],
    ['Type', payload?.token_type === undefined ? undefined : String(payload.token_type)],
    ['Algorithm', header?.alg === undefined ? undefined : String(header.alg)],
    ['Signed by', signer],
    ['User', user === null ? 'nobody' : (user.username ?? `${user.id} (not looked up, or no such user)`)],
    ['Expires', expires ?? 'never'],
    ['Accepted', [verdict, ...reasons].join('. ').replace('yes. ', 'yes. ')],
    ['Payload', payload === undefined ? undefined : JSON.stringify(payload, plain)],
  ];
  for (const [label, value] of lines) {
    if (value !== undefined)
      await terminal.write(`${terminal.style.label(`${label}:`.padEnd(11))} ${visible(value)}\n`);
  }
}

/** Numbers beyond 2^53 are shown as they stand. */
const plain = (_: string, value: unknown) => (typeof value === 'bigint' ? String(value) : value);
