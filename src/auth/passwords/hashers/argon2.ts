import { Buffer } from 'node:buffer';
import { equalTexts } from '../../../crypto/constant-time.js';
import { CommandError } from '../../../errors.js';
import { chooseSalt, type Hasher, isWeakSalt } from './hasher.js';

/** Django 5.2 contrib/auth/hashers.py, Argon2PasswordHasher; memory in KiB. */
const defaults = { variety: 'argon2id', version: 19, memory: 102_400, time: 2, parallelism: 8, length: 16 } as const;

/** One GiB, and some twenty times the work of a hash that Django writes. */
const maxMemory = 2 ** 20;
const maxWork = 2 ** 22;

type Parameters = { readonly [K in keyof typeof defaults]: K extends 'variety' ? string : number };

const varieties = ['argon2d', 'argon2i', 'argon2id'];
const form =
  /^argon2\$(argon2(?:d|i|id))\$(?:v=(16|19)\$)?m=([0-9]{1,8}),t=([0-9]{1,8}),p=([0-9]{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

const unpadded = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64').replaceAll('=', '');

async function hash(password: string, salt: Uint8Array, parameters: Parameters): Promise<string> {
  const { hashRaw } = await import('@node-rs/argon2');
  const { variety, version, memory, time, parallelism, length } = parameters;
  const raw = await hashRaw(password, {
    // The numbers of the library's enums, which are declared so that they cannot be imported.
    algorithm: varieties.indexOf(variety),
    version: version === 16 ? 0 : 1,
    memoryCost: memory,
    timeCost: time,
    parallelism,
    outputLen: length,
    salt,
  });
  return unpadded(raw);
}

const isReasonable = ({ memory, time, parallelism, length }: Parameters, saltLength: number) =>
  time >= 1 &&
  parallelism >= 1 &&
  parallelism <= 128 &&
  memory >= 8 * parallelism &&
  memory <= maxMemory &&
  memory * time <= maxWork &&
  length >= 4 &&
  length <= 128 &&
  saltLength >= 8 &&
  saltLength <= 128;

/** `argon2` before a hash as the reference implementation writes it. */
export const argon2: Hasher = {
  algorithm: 'argon2',
  async encode(password, { salt }) {
    const bytes = Buffer.from(chooseSalt(salt));
    if (bytes.length < 8) throw new CommandError('An argon2 salt has at least 8 bytes.', { code: 'bad_salt' });
    const { variety, version, memory, time, parallelism } = defaults;
    const costs = `m=${memory},t=${time},p=${parallelism}`;
    return `argon2$${variety}$v=${version}$${costs}$${unpadded(bytes)}$${await hash(password, bytes, defaults)}`;
  },
  open(encoded) {
    const [, variety, version = '16', memory, time, parallelism, saltText, digest] = form.exec(encoded) ?? [];
    if (variety === undefined || saltText === undefined || digest === undefined) return undefined;
    const salt = Buffer.from(saltText, 'base64');
    const parameters: Parameters = {
      variety,
      version: Number(version),
      memory: Number(memory),
      time: Number(time),
      parallelism: Number(parallelism),
      length: Math.floor((digest.length * 3) / 4),
    };
    if (!isReasonable(parameters, salt.length)) return undefined;
    const fresh: Parameters = defaults;
    const costs = ['version', 'memory', 'time', 'parallelism', 'length'] as const;
    return {
      outdated:
        parameters.variety !== fresh.variety ||
        costs.some((name) => parameters[name] < fresh[name]) ||
        isWeakSalt(salt.toString('latin1')),
      verify: async (password) => equalTexts(digest, await hash(password, salt, parameters)),
    };
  },
};
