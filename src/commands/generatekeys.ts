import { resolve } from 'node:path';
import { defineCommand } from '../command.js';
import { generateKeys, type PairAlgorithm, pairAlgorithms } from '../tokens/generate.js';
import { writeKeys } from './shared/credentials/key-files.js';

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
