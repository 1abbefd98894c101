import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quickRatio } from '../../src/auth/passwords/validators/similarity.js';
import { passwordProblems, validatePassword } from '../../src/auth/passwords/validators.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';

interface Vectors {
  readonly user: Readonly<Record<string, string>>;
  readonly cases: readonly { password: string; errors: string[]; codes: string[] }[];
}
const read = (name: string) => JSON.parse(readFileSync(new URL(`../data/vectors/${name}`, import.meta.url), 'utf8'));
const { user, cases }: Vectors = read('password_validation.json');
const more: readonly (Vectors['cases'][number] & { user: Record<string, string>; options: Record<string, unknown> })[] =
  read('password_validation_more.json');
const model = createRegistry(coreApps).userModel;

describe('validatePassword', () => {
  it.each(cases)('says what Django says of "$password"', async ({ password, errors, codes }) => {
    expect(await validatePassword(password, user)).toEqual(errors);
    expect((await passwordProblems(password, user, { model })).map(({ code }) => code)).toEqual(codes);
  });

  it.each(more)('says what Django says of "$password" with $options and $user', async (vector) => {
    const { password, user, options, errors } = vector;
    const validators = [
      { name: 'UserAttributeSimilarityValidator', options },
      { name: 'MinimumLengthValidator' },
      { name: 'CommonPasswordValidator' },
      { name: 'NumericPasswordValidator' },
    ];
    expect(await validatePassword(password, user, { validators, model })).toEqual(errors);
  });

  it('needs no user', async () => {
    expect(await validatePassword('Nfe2RePun70C')).toEqual([]);
  });

  it('takes options, names of classes and no validators at all', async () => {
    const short = (minimum: number) => [{ name: 'MinimumLengthValidator', options: { min_length: minimum } }];
    expect(await validatePassword('', {}, { validators: short(1) })).toEqual([
      'This password is too short. It must contain at least 1 character.',
    ]);
    expect(await validatePassword('🔑🔑', {}, { validators: short(3) })).toHaveLength(1);
    expect(await validatePassword('🔑🔑🔑', {}, { validators: short(3) })).toEqual([]);
    expect(await validatePassword('', {}, { validators: [] })).toEqual([]);
    const name = 'django.contrib.auth.password_validation.NumericPasswordValidator';
    expect(await validatePassword('1', {}, { validators: [{ name }] })).toHaveLength(1);
  });

  it('speaks of the fields of a project of its own as that names them', async () => {
    const options = { user_attributes: ['full_name', 'nick'] };
    const validators = [{ name: 'UserAttributeSimilarityValidator', options }];
    const verboseName = (full_name: string) => ({
      ...model,
      fields: model.fields.map((f) =>
        f.name === 'first_name' ? { ...f, name: 'full_name', verboseName: full_name } : f,
      ),
    });
    const person = { full_name: 'Ada Lovelace', nick: 'countess' };
    expect(await validatePassword('lovelace1', person, { validators, model: verboseName('whole name') })).toEqual([
      'The password is too similar to the whole name.',
    ]);
    expect(await validatePassword('countess', person, { validators, model })).toEqual([
      'The password is too similar to the nick.',
    ]);
  });

  it.each([
    [{ name: 'Nope' }, "There is no password validator 'Nope'."],
    [{ name: 'MinimumLengthValidator', options: { min_length: '9' } }, "The option 'min_length'"],
    [{ name: 'UserAttributeSimilarityValidator', options: { max_similarity: 0.05 } }, "The option 'max_similarity'"],
    [
      { name: 'UserAttributeSimilarityValidator', options: { user_attributes: 'email' } },
      "The option 'user_attributes'",
    ],
    [{ name: 'CommonPasswordValidator', options: { password_list_path: 7 } }, "The option 'password_list_path'"],
    [
      { name: 'CommonPasswordValidator', options: { password_list_path: 'no/such' } },
      "The option 'password_list_path'",
    ],
  ])('refuses the setting %o', async (spec, message) => {
    await expect(validatePassword('letmein', {}, { validators: [spec] })).rejects.toMatchObject({
      code: 'bad_settings',
      message: expect.stringContaining(message),
    });
  });

  describe('with a list of its own', () => {
    let root: string;
    beforeAll(async () => {
      root = await mkdtemp(join(tmpdir(), 'manage-list-'));
      await writeFile(join(root, 'plain.txt'), 'tiger\r\n  panther \nlynx\n');
      await writeFile(join(root, 'zipped.gz'), gzipSync('tiger\nlynx'));
    });
    afterAll(() => rm(root, { recursive: true }));

    it.each(['plain.txt', 'zipped.gz'])('reads %s', async (path) => {
      const validators = [{ name: 'CommonPasswordValidator', options: { password_list_path: path } }];
      const verdict = async (password: string) => (await validatePassword(password, {}, { validators, root })).length;
      expect(await verdict(' LYNX\t')).toBe(1);
      expect(await verdict('tiger')).toBe(1);
      expect(await verdict('panther')).toBe(path === 'plain.txt' ? 1 : 0);
      expect(await verdict('password')).toBe(0);
      expect(await verdict('')).toBe(0);
    });
  });
});

describe('the list of common passwords', () => {
  it('has the 19,640 of Django 5.2', () => {
    const file = new URL('../../src/auth/passwords/data/common-passwords.txt.br', import.meta.url);
    const list = brotliDecompressSync(readFileSync(file));
    expect(list.toString('utf8').trimEnd().split('\n')).toHaveLength(19_640);
    // Of Django's list, sorted by bytes, each with a line feed.
    expect(createHash('sha256').update(list).digest('hex')).toBe(
      '5f08645feefa30d4d19aa7fc58d11076977c6c330778aa7833a094f9c48f1e97',
    );
  });
});

describe('quickRatio', () => {
  it.each([
    ['abcd', 'bcde', 0.75],
    ['', '', 1],
    ['', 'a', 0],
    ['aab', 'abb', 2 / 3],
    ['🔑a', '🔑b', 0.5],
  ])('of %s and %s is %d', (a, b, ratio) => {
    expect(quickRatio(a, b)).toBeCloseTo(ratio, 12);
  });
});
