import type { SessionKeys } from '../codec/codec.js';
import type { SessionRow } from '../store/table.js';
import type { SessionSummary } from './summary.js';

/**
 * Which sessions are meant: those of any of the people named (all, where nobody is), as far as all the other conditions
 * hold for them too.
 */
export interface SessionSelection {
  /** Accounts, as `_auth_user_id` has them. */
  readonly users?: ReadonlySet<string>;
  /** Sessions in which nobody has logged in. */
  readonly anonymous?: boolean;
  readonly keys?: ReadonlySet<string>;
  /** Only those that are still good, or only those that are not. */
  readonly state?: 'active' | 'expired';
  /** Only those that were signed before this moment. */
  readonly signedBefore?: Date;
  readonly except?: ReadonlySet<string>;
  /** Takes a session's word for whose it is, whoever signed it. */
  readonly unverified?: boolean;
}

/** What sessions are read with. */
export interface SelectionContext extends SessionKeys {
  readonly now: Date;
  /** Seconds that a session is good for; where a format does not say when it was signed, that is reckoned back from its end. */
  readonly cookieAge: number;
}

/** A session with what it holds. */
export interface InspectedSession extends SessionRow {
  /** Undefined for what cannot be decoded. */
  readonly summary: SessionSummary | undefined;
  /** Whose it is, by a signature that verifies or by its word; undefined for nobody's. */
  readonly userId: string | undefined;
  /** Whether its word counts: its signature verifies, or is not asked for. */
  readonly trusted: boolean;
  /** When it was signed, in seconds since 1970, as far as that is known. */
  readonly signedAt: number | undefined;
}

/** Puts together what is known of a row. */
export function inspectSession(
  row: SessionRow,
  summary: SessionSummary | undefined,
  { cookieAge, unverified = false }: Pick<SelectionContext, 'cookieAge'> & Pick<SessionSelection, 'unverified'>,
): InspectedSession {
  const trusted = summary !== undefined && (unverified || summary.verified === true);
  const userId = trusted ? summary.claimedId : undefined;
  const signedAt = summary?.signedAt ?? reckonedTime(row, cookieAge);
  // Spreading the row would take as long as decoding it.
  const { key, text, alive, expires } = row;
  return { key, text, alive, expires, summary, trusted, userId, signedAt };
}

function reckonedTime({ expires }: SessionRow, cookieAge: number): number | undefined {
  const end = Date.parse(expires() ?? '');
  return Number.isNaN(end) ? undefined : end / 1000 - cookieAge;
}

/** Whether a session is among those that are meant. Its state is left to the database: see {@link selectionSql}. */
export function isSelected(
  { key, userId, trusted, signedAt }: InspectedSession,
  { users, anonymous = false, keys, signedBefore, except }: SessionSelection,
): boolean {
  if (except?.has(key)) return false;
  // What is no moment has nothing before it.
  if (signedBefore !== undefined && !(Number(signedAt) * 1000 < signedBefore.getTime())) return false;
  if (users === undefined && !anonymous && keys === undefined) return true;
  if (keys?.has(key)) return true;
  return userId === undefined ? anonymous && trusted : (users?.has(userId) ?? false);
}

/** Whether a session would be meant if its word counted, and is not because no key has signed it. */
export function isDoubtful(session: InspectedSession, selection: SessionSelection): boolean {
  if (session.trusted || session.summary === undefined || isSelected(session, selection)) return false;
  return isSelected({ ...session, trusted: true, userId: session.summary.claimedId }, selection);
}

/** Whether sessions have to be decoded to know which are meant. */
export function needsDecoding({ users, anonymous = false, signedBefore }: SessionSelection): boolean {
  return users !== undefined || anonymous || signedBefore !== undefined;
}

/** Whether they have to be verified too. */
export function needsKey({ users, anonymous = false, unverified = false }: SessionSelection): boolean {
  return !unverified && (users !== undefined || anonymous);
}
