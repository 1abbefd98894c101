import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip } from 'node:zlib';
import { sourceRoot } from '../../../modules/package-root.js';
import { strip } from '../../python-text.js';
import { badOption, type Validator, type ValidatorOptions } from './validator.js';

const name = 'CommonPasswordValidator';

/** The 19,640 of Django 5.2, sorted, one a line. NOTICE says where they come from. */
const builtIn = join(sourceRoot, 'auth', 'passwords', 'data', 'common-passwords.txt.br');

function parseList(bytes: Uint8Array): Set<string> {
  const lines = Buffer.from(bytes)
    .toString('utf8')
    .split(/\r\n|\r|\n/);
  if (lines.at(-1) === '') lines.pop();
  return new Set(lines.map(strip));
}

async function readBuiltIn(): Promise<Set<string>> {
  return parseList(await promisify(brotliDecompress)(await readFile(builtIn)));
}

async function readOwn(path: string): Promise<Set<string>> {
  const bytes = await readFile(path);
  const isGzipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseList(isGzipped ? await promisify(gunzip)(bytes) : bytes);
}

/**
 * Refuses passwords of a list, whatever the case of their letters (Django 5.2 contrib/auth/password_validation.py). The
 * option `password_list_path` names another list, in lower case, gzipped or not; it is relative to `root`.
 */
export function commonPasswordValidator(options: ValidatorOptions, root: string): Validator {
  const { password_list_path: path } = options;
  if (path !== undefined && typeof path !== 'string') throw badOption(name, 'password_list_path', 'Make it a path.');
  let list: Promise<Set<string>> | undefined;
  const load = () =>
    path === undefined
      ? readBuiltIn()
      : readOwn(resolve(root, path)).catch((cause: Error) => {
          throw badOption(name, 'password_list_path', `${resolve(root, path)} cannot be read: ${cause.message}`);
        });
  return async (password) => {
    list ??= load();
    const passwords = await list;
    return passwords.has(strip(password.toLowerCase()))
      ? { code: 'password_too_common', message: 'This password is too common.' }
      : undefined;
  };
}
