import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../../../errors.js';
import type { GeneratedKeys } from '../../../tokens/generate.js';
import type { Jwk } from '../../../tokens/key-ring.js';

/** Writes keys into a folder, beside those that are there; resolves with the names of the files. */
export async function writeKeys(
  folder: string,
  { kid, privateKey, publicKey, jwks }: GeneratedKeys,
): Promise<string[]> {
  const [secret, open, list] = ['private.pem', 'public.pem']
    .map((end) => join(folder, `${kid}.${end}`))
    .concat(join(folder, 'jwks.json')) as [string, string, string];
  const known = await readPublished(list);
  await mkdir(folder, { recursive: true });
  await writeFile(secret, privateKey, { mode: 0o600, flag: 'wx' });
  await writeFile(open, publicKey, { flag: 'wx' });
  // Servers may read it at any moment: it is there whole, or as it was.
  await writeFile(`${list}.new`, `${JSON.stringify({ keys: [...jwks.keys, ...known] }, null, 2)}\n`);
  await rename(`${list}.new`, list);
  return [secret, open, list];
}

/** Keys that are published already. @throws CommandError for a file that holds something else. */
async function readPublished(file: string): Promise<readonly Jwk[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch {
    return [];
  }
  try {
    const { keys } = JSON.parse(text);
    if (Array.isArray(keys)) return keys;
  } catch {
    // It is said below.
  }
  throw new CommandError(`The file ${file} holds no JWKS, and is left as it is.`, {
    code: 'bad_jwks',
    hint: 'Choose another folder, or move the file away.',
  });
}
