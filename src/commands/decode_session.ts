import { defineCommand, type Terminal } from '../command.js';
import { toPlainJson } from '../crypto/signing/json.js';
import { maxLength } from '../crypto/signing/limits.js';
import { reportSession, reportSessionText, type SessionReport } from '../sessions/admin/report.js';
import { parseSessionInput } from '../sessions/codec/input.js';
import { assertKey, shortKey } from '../sessions/store/store.js';
import { printable, visible } from '../text.js';
import { readStdin } from '../ui/stdin.js';
import { database } from './shared/options.js';
import { selectionContext } from './shared/session-selectors.js';

export default defineCommand({
  describe: 'Show the data of a session, its signature, and whether Django would accept it.',
  positionals: {
    session: {
      required: true,
      describe: 'Session key, session data or a whole cookie; - reads from standard input.',
    },
  },
  options: { ...database },
  examples: [
    ['manage decode_session 2b1189a1', 'a session in the database'],
    ['manage decode_session eyJjb3VudCI6Nn0:1vo7HW:KVvTHrXtGLA-5R-QYZaS3A-QW7dw6nGTVfpv14a8UCo', 'data: no database'],
    ['manage decode_session - < cookie.txt', 'what others need not see, from a file'],
  ],
  async run(context, { session: given, database: alias }) {
    const { settings, terminal } = context;
    const text = given === '-' ? await readStdin(context, 2 * maxLength) : given;
    const input = parseSessionInput(text, settings.session.cookieName);
    const keys = selectionContext(context);
    const connectFor = (key: string) => {
      assertKey(key);
      return context.connect(alias);
    };
    const report =
      input.kind === 'key'
        ? await reportSession(await connectFor(input.key), input.key, keys)
        : reportSessionText(input.text, { ...keys, timeZone: settings.timeZone });
    await terminal.write(textOf(report, terminal));
    return { json: documentOf(report), exitCode: report.session.verified === false ? 1 : 0 };
  },
});

function textOf(report: SessionReport, { style }: Terminal): string {
  const { key, session, signedAt, expires, verdict } = report;
  const { accepted, reasons } = verdict;
  const answer = accepted === null ? style.warning('not known') : accepted ? style.success('yes') : style.error('no');
  const lines: (readonly [string, string | undefined])[] = [
    ['Session', key === undefined ? undefined : `${shortKey(key)}…`],
    ['Format', `${session.format}, ${session.serializer}${report.storage === 'cookie' ? ', kept in the cookie' : ''}`],
    ['Signature', signatureOf(report)],
    ['Signed', signedAt],
    ['Expires', key !== undefined && expires === undefined ? 'unreadable date' : expires],
    ['User', userOf(report)],
    ['Accepted', reasons.length === 0 ? answer : `${answer}: ${visible(reasons.join(' '))}`],
  ];
  const shown = lines.flatMap(([label, value]) =>
    value === undefined ? [] : [`${style.label(`${label}:`.padEnd(11))}${value}\n`],
  );
  return `${shown.join('')}${printable(JSON.stringify(toPlainJson(session.data), null, 2))}\n`;
}

function signatureOf({ session: { verified, keyIndex } }: SessionReport): string {
  if (verified === null) return 'not verified: there is no secret key';
  if (!verified) return 'WRONG: none of the keys has signed this';
  return keyIndex === 0 ? 'verified with the current key' : `verified with fallback key ${keyIndex}`;
}

function userOf({ userId, user }: SessionReport): string {
  if (userId === undefined) return 'nobody has logged in';
  return visible(user ? `${user.username} (${userId})` : userId);
}

function documentOf({ key, session, storage, signedAt, expires, userId, user, verdict }: SessionReport) {
  const { format, serializer, verified, keyIndex, data } = session;
  return {
    key: key === undefined ? null : shortKey(key),
    format,
    serializer,
    storage: storage ?? null,
    verified,
    keyIndex,
    signedAt: signedAt ?? null,
    expires: expires ?? null,
    user: userId === undefined ? null : { id: userId, username: user?.username ?? null },
    ...verdict,
    data: toPlainJson(data),
  };
}
