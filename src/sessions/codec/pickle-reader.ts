import { BadSignature } from '../../crypto/signing/bad-signature.js';

/** Takes bytes off the front of a pickle; numbers are little-endian as pickle has them. */
export interface PickleReader {
  u8(): number;
  u16(): number;
  u32(): number;
  i32(): number;
  /** A length of eight bytes. */
  u64(): number;
  f64(): number;
  bytes(length: number): Buffer;
  /** Text up to the next line break, which is taken off too, with one character for each byte. */
  line(): string;
}

export function createPickleReader(pickle: Buffer): PickleReader {
  let at = 0;
  const bytes = (length: number): Buffer => {
    if (length > pickle.length - at) throw new BadSignature('The pickle of the session ends too early.');
    at += length;
    return pickle.subarray(at - length, at);
  };
  return {
    bytes,
    u8: () => bytes(1).readUInt8(),
    u16: () => bytes(2).readUInt16LE(),
    u32: () => bytes(4).readUInt32LE(),
    i32: () => bytes(4).readInt32LE(),
    u64: () => Number(bytes(8).readBigUInt64LE()),
    f64: () => bytes(8).readDoubleBE(),
    line() {
      const end = pickle.indexOf(0x0a, at);
      const text = bytes(end < 0 ? Number.POSITIVE_INFINITY : end - at).toString('latin1');
      at++;
      return text;
    },
  };
}
