import { BadSignature } from '../../crypto/signing/bad-signature.js';
import { parseInteger } from '../../crypto/signing/exact-json.js';
import type { Json } from '../../crypto/signing/json-value.js';
import { maxDigits, maxPickleSteps } from '../../crypto/signing/limits.js';
import { type PickleDict, type PickleValue, pickleToJson } from './pickle-json.js';
import { createPickleReader, type PickleReader } from './pickle-reader.js';
import { decodeByteString, decodeRawUnicode, decodeStringLiteral, decodeUnicode } from './pickle-text.js';

/** What the opcodes work on. */
interface Machine {
  readonly read: PickleReader;
  stack: PickleValue[];
  /** The stacks beneath, one for each open MARK. */
  readonly outer: PickleValue[][];
  readonly memo: Map<number, PickleValue>;
}

/**
 * Reads a pickle of protocol 0 to 5 that holds plain data. Only the opcodes listed here are known, and none of them can
 * name or call anything; nothing is ever run (Python 3.13 Lib/pickletools.py).
 *
 * @throws BadSignature for everything else; where the pickle names a class or function, the sentence has that name.
 */
export function parsePickle(pickle: Buffer): Json {
  const machine: Machine = { read: createPickleReader(pickle), stack: [], outer: [], memo: new Map() };
  for (let count = 0; count < maxPickleSteps; count++) {
    const opcode = machine.read.u8();
    if (opcode === stop) return pickleToJson(pop(machine));
    const step = steps.get(opcode);
    if (step === undefined) throw refusal(opcode, machine);
    const value = step(machine);
    if (value !== undefined) machine.stack.push(value);
  }
  throw new BadSignature(`The pickle of the session has more than ${maxPickleSteps} steps and is refused.`);
}

const stop = 0x2e;

/** A step gives what is to be pushed, or undefined. */
type Step = (machine: Machine) => PickleValue | undefined;

const steps = new Map<number, Step>([
  [0x80, ({ read }) => checkProtocol(read.u8())],
  [0x95, ({ read }) => void read.u64()],

  [code('N'), () => null],
  [0x88, () => true],
  [0x89, () => false],
  [code('I'), ({ read }) => parseIntLine(read.line())],
  [code('L'), ({ read }) => parseIntText(read.line().replace(/L$/, ''))],
  [code('J'), ({ read }) => read.i32()],
  [code('K'), ({ read }) => read.u8()],
  [code('M'), ({ read }) => read.u16()],
  [0x8a, ({ read }) => parseLong(read.bytes(read.u8()))],
  [0x8b, ({ read }) => parseLong(read.bytes(read.u32()))],
  [code('F'), ({ read }) => parseFloatLine(read.line())],
  [code('G'), ({ read }) => read.f64()],

  [code('S'), ({ read }) => decodeStringLiteral(read.line())],
  [code('T'), ({ read }) => decodeByteString(read.bytes(read.u32()))],
  [code('U'), ({ read }) => decodeByteString(read.bytes(read.u8()))],
  [code('V'), ({ read }) => decodeRawUnicode(read.line())],
  [code('X'), ({ read }) => decodeUnicode(read.bytes(read.u32()))],
  [0x8c, ({ read }) => decodeUnicode(read.bytes(read.u8()))],
  [0x8d, ({ read }) => decodeUnicode(read.bytes(read.u64()))],
  [code('B'), ({ read }) => read.bytes(read.u32())],
  [code('C'), ({ read }) => read.bytes(read.u8())],
  [0x8e, ({ read }) => read.bytes(read.u64())],
  [0x96, ({ read }) => read.bytes(read.u64())],

  [code(']'), () => []],
  [code(')'), () => []],
  [0x8f, () => []],
  [code('l'), popToMark],
  [code('t'), popToMark],
  [0x91, popToMark],
  [0x85, (machine) => popSome(machine, 1)],
  [0x86, (machine) => popSome(machine, 2)],
  [0x87, (machine) => popSome(machine, 3)],
  [code('a'), (machine) => append(machine, popSome(machine, 1))],
  [code('e'), (machine) => append(machine, popToMark(machine))],
  [0x90, (machine) => append(machine, popToMark(machine))],

  [code('}'), () => new Map()],
  [code('d'), (machine) => setItems(new Map(), popToMark(machine))],
  [code('s'), (machine) => setTopItems(machine, popSome(machine, 2))],
  [code('u'), (machine) => setTopItems(machine, popToMark(machine))],

  [code('('), mark],
  [code('0'), (machine) => void pop(machine)],
  [code('1'), (machine) => void popToMark(machine)],
  [code('2'), (machine) => top(machine)],
  [code('p'), (machine) => put(machine, Number(machine.read.line()))],
  [code('q'), (machine) => put(machine, machine.read.u8())],
  [code('r'), (machine) => put(machine, machine.read.u32())],
  [0x94, (machine) => put(machine, machine.memo.size)],
  [code('g'), (machine) => get(machine, Number(machine.read.line()))],
  [code('h'), (machine) => get(machine, machine.read.u8())],
  [code('j'), (machine) => get(machine, machine.read.u32())],
]);

function code(character: string): number {
  return character.charCodeAt(0);
}

function refusal(opcode: number, { read, stack }: Machine): BadSignature {
  const shown = `0x${opcode.toString(16).padStart(2, '0')}`;
  let name: string | undefined;
  if (opcode === code('c') || opcode === code('i')) name = `${read.line()}.${read.line()}`;
  else if (opcode === 0x93) name = stack.slice(-2).join('.');
  return name === undefined
    ? new BadSignature(`The pickle of the session uses the opcode ${shown}, which is refused: it is not plain data.`)
    : new BadSignature(
        `The pickle of the session asks for ${printable(name)}, which is refused: nothing in it is run.`,
      );
}

function printable(name: string): string {
  return name.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
}

function broken(): BadSignature {
  return new BadSignature('The pickle of the session is broken.');
}

function checkProtocol(protocol: number): undefined {
  if (protocol > 5)
    throw new BadSignature(`The session is a pickle of protocol ${protocol}, and 5 is the latest known.`);
}

function pop({ stack }: Machine): PickleValue {
  const value = stack.pop();
  if (value === undefined) throw broken();
  return value;
}

function top({ stack }: Machine): PickleValue {
  const value = stack.at(-1);
  if (value === undefined) throw broken();
  return value;
}

function popSome({ stack }: Machine, count: number): PickleValue[] {
  if (stack.length < count) throw broken();
  return stack.splice(-count);
}

function mark(machine: Machine): undefined {
  machine.outer.push(machine.stack);
  machine.stack = [];
}

function popToMark(machine: Machine): PickleValue[] {
  const values = machine.stack;
  const below = machine.outer.pop();
  if (below === undefined) throw broken();
  machine.stack = below;
  return values;
}

function append(machine: Machine, values: PickleValue[]): undefined {
  const list = top(machine);
  if (!Array.isArray(list)) throw broken();
  for (const value of values) list.push(value);
}

function setTopItems(machine: Machine, items: PickleValue[]): undefined {
  const dict = top(machine);
  if (!(dict instanceof Map)) throw broken();
  setItems(dict, items);
}

function setItems(dict: PickleDict, items: PickleValue[]): PickleDict {
  if (items.length % 2 !== 0) throw broken();
  for (let at = 0; at < items.length; at += 2) dict.set(items[at] ?? null, items[at + 1] ?? null);
  return dict;
}

function put(machine: Machine, index: number): undefined {
  machine.memo.set(index, top(machine));
}

function get({ memo }: Machine, index: number): PickleValue {
  const value = memo.get(index);
  if (value === undefined) throw broken();
  return value;
}

function parseIntLine(line: string): PickleValue {
  // Protocol 0 and 1 write booleans so.
  if (line === '00' || line === '01') return line === '01';
  return parseIntText(line);
}

function parseIntText(text: string): number | bigint {
  if (!/^[-+]?[0-9]+$/.test(text)) throw broken();
  return parseInteger(text.replace(/^\+/, ''));
}

function parseFloatLine(line: string): number {
  const special = /^([-+]?)(inf|nan)$/.exec(line);
  if (special !== null) return special[2] === 'nan' ? Number.NaN : Number(`${special[1]}Infinity`);
  if (!/^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?$/i.test(line)) throw broken();
  return Number(line);
}

/** Two's complement, least significant byte first. */
function parseLong(bytes: Buffer): number | bigint {
  if (bytes.length === 0) return 0;
  if (bytes.length > maxDigits / 2.4) throw new BadSignature(`A number has more than ${maxDigits} digits.`);
  const value = BigInt.asIntN(bytes.length * 8, BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`));
  return parseInteger(String(value));
}
