import { BadSignature } from '../../crypto/signing/bad-signature.js';
import { createSessionReader, type ReadSession, type SessionKeys } from '../codec/codec.js';
import { userIdOf } from '../store/users.js';

/** What work on many sessions has to know of one. */
export interface SessionSummary extends Omit<ReadSession, 'data'> {
  /** Whose it says that it is, whoever signed it; undefined where nobody has logged in. */
  readonly claimedId: string | undefined;
}

/** Makes what reads sessions and keeps the little that matters; undefined for what cannot be decoded. */
export function createSummarizer(keys: SessionKeys): (text: string) => SessionSummary | undefined {
  const read = createSessionReader(keys);
  return (text) => {
    try {
      const { data, format, serializer, verified, keyIndex, signedAt } = read(text);
      return { format, serializer, verified, keyIndex, signedAt, claimedId: userIdOf(data) };
    } catch (error) {
      if (error instanceof BadSignature) return undefined;
      throw error;
    }
  };
}
