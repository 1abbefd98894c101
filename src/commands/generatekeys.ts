import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { defineCommand } from '../command.js';
import { CommandError } from '../errors.js';
import { type GeneratedKeys, generateKeys, type PairAlgorithm, pairAlgorithms } from '../tokens/generate.js';
import type { Jwk } from '../tokens/key-ring.js';

export default defineCommand({
  describe: 'Make a key pair to sign tokens with: PEM, and the JWKS that others verify them with.',
  settings: false,
  options: {
    alg: { type: 'string', choices: pairAlgorithms, default: 'RS256', describe: 'The algorithm of the tokens.' },
    bits: {
      type: 'integer',
      min: 2048,
      max: 8192,
      placeholder: 'N',
      describe: 'Length of an RSA key; 3072 by default.',
    },
    output: {
      type: 'string',
      short: 'o',
      placeholder: 'FOLDER',
      describe: 'Write KID.private.pem, KID.public.pem there, and add the public key to jwks.json.',
    },
  },
  examples: [
    ['manage generatekeys --alg ES256 --output keys', 'a pair in files; the private one can only be read by you'],
    ['manage generatekeys --alg EdDSA --json', 'all of it as one document'],
  ],
  async run({ terminal, cwd }, { alg, bits, output }) {
    const keys = await generateKeys(alg as PairAlgorithm, { bits });
    if (output === undefined) {
      await terminal.write(`${keys.privateKey}${keys.publicKey}${JSON.stringify(keys.jwks)}\n`);
      return { json: keys };
    }
    const files = await writeKeys(resolve(cwd(), output), keys);
    for (const file of files) terminal.say(`Wrote ${file}.`);
    const { algorithm, kid, publicKey, jwks } = keys;
    return { json: { algorithm, kid, publicKey, jwks, files } };
  },
});

async function writeKeys(folder: string, { kid, privateKey, publicKey, jwks }: GeneratedKeys): Promise<string[]> {
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
