import { resolve } from 'node:path';
import { defineCommand } from '../command.js';
import { UsageError } from '../errors.js';
import { generateKeys, type PairAlgorithm, pairAlgorithms } from '../tokens/generate.js';
import { writeKeys } from './shared/credentials/key-files.js';

export default defineCommand({
  describe: 'Generate a key pair for signing tokens: PEM files, and the JWKS to verify tokens with.',
  settings: false,
  options: {
    alg: { type: 'string', choices: pairAlgorithms, default: 'RS256', describe: 'Signing algorithm.' },
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
      describe: 'Write KID.private.pem and KID.public.pem to this folder, and add the public key to its jwks.json.',
    },
  },
  examples: [
    ['manage generatekeys --alg ES256 --output keys', 'Files, of which only you can read the private key.'],
    ['manage generatekeys --alg EdDSA --json', 'One document with both keys.'],
  ],
  async run({ terminal, cwd }, { alg, bits, output }) {
    if (bits !== undefined && alg !== 'RS256')
      throw new UsageError(`--bits is for RSA keys: those for ${alg} have one length.`);
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
