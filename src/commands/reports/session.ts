import type { Terminal } from '../../command.js';
import { toPlainJson } from '../../crypto/signing/json.js';
import type { SessionReport } from '../../sessions/admin/report.js';
import { shortKey } from '../../sessions/store/store.js';
import { namedUser } from '../../sessions/store/users.js';
import { printable, visible } from '../../text.js';

/** A session for people, with its data. */
export function sessionText(report: SessionReport, { style }: Terminal): string {
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

function signatureOf({ session: { verified, keyIndex, sha1 } }: SessionReport): string {
  if (verified === null) return 'not verified: there is no secret key';
  if (!verified) return 'WRONG: none of the keys has signed this';
  const by = keyIndex === 0 ? 'verified with the current key' : `verified with fallback key ${keyIndex}`;
  return sha1 ? `${by} (SHA-1)` : by;
}

function userOf({ userId, user }: SessionReport): string {
  if (userId === undefined) return 'anonymous';
  return visible(user ? `${user.username} (${userId})` : userId);
}

/** A session for programs. */
export function sessionReportDocument({
  key,
  session,
  storage,
  signedAt,
  expires,
  userId,
  user,
  verdict,
}: SessionReport) {
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
    user: userId === undefined ? null : namedUser(userId, user ?? undefined),
    ...verdict,
    data: toPlainJson(data),
  };
}
