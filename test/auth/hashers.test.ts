import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashAtOnce } from '../../src/auth/passwords/hash-at-once.js';
import {
  checkPassword,
  identifyHasher,
  isPasswordUsable,
  makePassword,
  passwordNeedsUpdate,
  passwordState,
} from '../../src/auth/passwords/hashers.js';
import { cpuTimeMs } from '../helpers/cpu-time.js';
import { runManage, temporaryFolder } from '../helpers/manage.js';

interface Vector {
  readonly password: string;
  readonly encoded: string;
  readonly algorithm: string;
}
interface Vectors {
  readonly valid: readonly Vector[];
  readonly valid_in_django_1x: readonly Vector[];
  readonly wrong: readonly Vector[];
  readonly unusable_or_unknown: readonly { encoded: string; usable: boolean }[];
  readonly defaults: { pbkdf2_sha256_iterations: number; salt_length: number };
  readonly must_update: readonly { encoded: string; must_update: boolean }[];
}
const read = (name: string) => JSON.parse(readFileSync(new URL(`../data/vectors/${name}`, import.meta.url), 'utf8'));
const vectors: Vectors = read('password_hashes.json');
const more: readonly (Vector & { must_update: boolean; note: string })[] = read('password_hashes_more.json');

/** The letters, digits and `./` that bcrypt hashes are written with. */
const bcryptText = (length: number) => 'Jc'.repeat(length).slice(0, length);

describe('checkPassword', () => {
  it.each([...vectors.valid, ...vectors.valid_in_django_1x, ...more])('accepts $encoded', async (vector) => {
    expect(await checkPassword(vector.password, vector.encoded)).toBe(true);
    expect(identifyHasher(vector.encoded)).toBe(vector.algorithm);
    expect(passwordState(vector.encoded)).toBe('usable');
  });

  // Where the rounds are fewer than usual, a wrong password costs what is missing; that is measured below.
  it.each([...vectors.wrong, ...more.map((vector) => ({ ...vector, password: `x${vector.password}` }))])(
    'refuses $password for $encoded',
    async ({ password, encoded }) => {
      expect(await checkPassword(password, encoded, { iterations: 1 })).toBe(false);
    },
  );

  it.each(vectors.unusable_or_unknown)('refuses what is no hash: "$encoded"', async ({ encoded, usable }) => {
    expect(await checkPassword('letmein', encoded, { iterations: 1 })).toBe(false);
    expect(await checkPassword('', encoded, { iterations: 1 })).toBe(false);
    expect(isPasswordUsable(encoded)).toBe(usable);
    expect(passwordNeedsUpdate(encoded)).toBe(false);
  });

  it.each([
    ['unsalted_md5', '0d107d09f5bbe40cade3de5c71e9e9b7'],
    ['unsalted_md5', 'md5$$0d107d09f5bbe40cade3de5c71e9e9b7'],
    ['unsalted_sha1', 'sha1$$b7a875fc1ea228b9061041b7cec4bd3c52ab3ce3'],
  ])('reads the %s of Django 1.x: %s', async (algorithm, encoded) => {
    expect(identifyHasher(encoded)).toBe(algorithm);
    expect(await checkPassword('letmein', encoded)).toBe(true);
    expect(await checkPassword('letmeinx', encoded)).toBe(false);
    expect(passwordNeedsUpdate(encoded)).toBe(true);
  });

  it('refuses every hash that was cut short, at each place', async () => {
    for (const { password, encoded } of more.slice(0, 7)) {
      for (let length = encoded.indexOf('$') + 1; length < encoded.length; length += 1) {
        const cut = encoded.slice(0, length);
        // A shorter hash of argon2 is a whole one too, of another length and so with other bytes.
        if (passwordState(cut) !== 'broken') expect(cut).toMatch(/^argon2\$.*p=8\$.{30}\$/);
      }
      for (const length of [-1, -2, -6]) {
        expect(await checkPassword(password, encoded.slice(0, length), { iterations: 1 })).toBe(false);
      }
    }
  });

  it.each([
    'pbkdf2_sha256$1000000000$RnBg5d46VyU08bJT4IVFgk$LcELOCqWBuDyx1sdxR36qq7Bdq3JdAwycn2Q085D+F4=',
    'pbkdf2_sha256$99999999999999999999$RnBg5d46VyU08bJT4IVFgk$LcELOCqWBuDyx1sdxR36qq7Bdq3JdAwycn2Q085D+F4=',
    'pbkdf2_sha256$0$RnBg5d46VyU08bJT4IVFgk$LcELOCqWBuDyx1sdxR36qq7Bdq3JdAwycn2Q085D+F4=',
    'pbkdf2_sha256$-1$RnBg5d46VyU08bJT4IVFgk$LcELOCqWBuDyx1sdxR36qq7Bdq3JdAwycn2Q085D+F4=',
    'pbkdf2_sha256$1e3$RnBg5d46VyU08bJT4IVFgk$LcELOCqWBuDyx1sdxR36qq7Bdq3JdAwycn2Q085D+F4=',
    'pbkdf2_sha256$1000$$LcELOCqWBuDyx1sdxR36qq7Bdq3JdAwycn2Q085D+F4=',
    'pbkdf2_sha1$1000000000$3bwOAQsoMrmO8zkH6iCNGT$mIP4D0ssjxg/fMaB8Sj1EAlOkJ4=',
    `scrypt$1099511627776$salt$8$5$${'A'.repeat(86)}==`,
    `scrypt$1048576$salt$8$1$${'A'.repeat(86)}==`,
    `scrypt$16384$salt$8$9999$${'A'.repeat(86)}==`,
    `scrypt$16384$salt$9999$1$${'A'.repeat(86)}==`,
    `scrypt$16383$salt$8$5$${'A'.repeat(86)}==`,
    `scrypt$1$salt$8$5$${'A'.repeat(86)}==`,
    'argon2$argon2id$v=19$m=10485760,t=2,p=8$c29tZXNhbHQ$WYqaZ3nYtSoLbiWYqaZ3nYtSoLbiWYqaZ3nYtSoLbiX',
    'argon2$argon2id$v=19$m=102400,t=99999999,p=8$c29tZXNhbHQ$WYqaZ3nYtSoLbiWYqaZ3nYtSoLbiWYqaZ3nYtSoLbiX',
    'argon2$argon2id$v=19$m=102400,t=0,p=8$c29tZXNhbHQ$WYqaZ3nYtSoLbiWYqaZ3nYtSoLbiWYqaZ3nYtSoLbiX',
    'argon2$argon2id$v=19$m=102400,t=2,p=999$c29tZXNhbHQ$WYqaZ3nYtSoLbiWYqaZ3nYtSoLbiWYqaZ3nYtSoLbiX',
    'argon2$argon2id$v=19$m=16,t=2,p=8$c29tZXNhbHQ$WYqaZ3nYtSoLbiWYqaZ3nYtSoLbiWYqaZ3nYtSoLbiX',
    'argon2$argon2x$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$WYqaZ3nYtSoLbiWYqaZ3nYtSoLbiWYqaZ3nYtSoLbiX',
    'argon2$argon2id$v=19$m=102400,t=2,p=8$c29tc2FsdA$WYqaZ3nYtSoLbiWYqaZ3nYtSoLbiWYqaZ3nYtSoLbiX',
    `argon2$argon2id$v=19$m=102400,t=2,p=8$c29tZXNhbHQ$${'W'.repeat(100_000)}`,
    `bcrypt$$2b$31$${bcryptText(53)}`,
    `bcrypt$$2b$99$${bcryptText(53)}`,
    `bcrypt$$2b$03$${bcryptText(53)}`,
    `bcrypt$$2x$12$${bcryptText(53)}`,
    `bcrypt_sha256$$2b$31$${bcryptText(53)}`,
    'md5$salt$01F148771E9DA308D99CE50FF18C9150',
    'sha1$salt$nothex',
  ])('refuses %s without doing its work', async (encoded) => {
    const ms = await cpuTimeMs(async () =>
      expect(await checkPassword('letmein', encoded, { iterations: 1 })).toBe(false),
    );
    // The cheapest of them would take tens of seconds.
    expect(ms).toBeLessThan(3000);
    expect(passwordState(encoded)).toBe('broken');
  });

  it('takes a password with half of a character for a wrong one', async () => {
    const encoded = await makePassword('\ufffd', { hasher: 'md5' });
    expect(await checkPassword('\ud800', encoded)).toBe(false);
    expect(await checkPassword('?', await makePassword('?', { hasher: 'md5' }))).toBe(true);
    expect(await checkPassword('\ud800', await makePassword('?', { hasher: 'md5' }))).toBe(false);
    expect(await checkPassword('\ud800', '!', { iterations: 1 })).toBe(false);
    await expect(makePassword('\ud800')).rejects.toThrow('half of a character');
  });

  it('takes as long where there is no hash, or no such password, as where the password is wrong', async () => {
    const iterations = 200_000;
    const time = (encoded: string, password = 'wrong') =>
      cpuTimeMs(() => checkPassword(password, encoded, { iterations }));
    const right = await makePassword('right', { iterations });
    const usual = await time(right);
    const others = [
      await time(await makePassword(null)),
      await time('crypt$ab$cdefgh'),
      await time('pbkdf2_sha256$1000000000$c2FsdHNhbHQ$AAAA'),
      await time(await makePassword('right', { iterations: 1 })),
      await time(right, 'half \ud800'),
    ];
    for (const other of others) {
      expect(other).toBeGreaterThan(usual / 10);
      expect(other).toBeLessThan(usual * 10);
    }
    const bcrypt = `bcrypt$$2b$10$JCwXg312NtjVOnU.scJtVe${'A'.repeat(31)}`;
    expect(await time(bcrypt, 'a\0b')).toBeGreaterThan((await time(bcrypt)) / 10);
  });
});

describe('makePassword', () => {
  const forms: Readonly<Record<string, RegExp>> = {
    pbkdf2_sha256: /^pbkdf2_sha256\$1000000\$[A-Za-z0-9]{22}\$[A-Za-z0-9+/]{43}=$/,
    pbkdf2_sha1: /^pbkdf2_sha1\$1000000\$[A-Za-z0-9]{22}\$[A-Za-z0-9+/]{27}=$/,
    argon2: /^argon2\$argon2id\$v=19\$m=102400,t=2,p=8\$[A-Za-z0-9+/]{30}\$[A-Za-z0-9+/]{22}$/,
    bcrypt_sha256: /^bcrypt_sha256\$\$2b\$12\$[./A-Za-z0-9]{53}$/,
    bcrypt: /^bcrypt\$\$2b\$12\$[./A-Za-z0-9]{53}$/,
    scrypt: /^scrypt\$16384\$[A-Za-z0-9]{22}\$8\$5\$[A-Za-z0-9+/]{86}==$/,
    md5: /^md5\$[A-Za-z0-9]{22}\$[0-9a-f]{32}$/,
  };

  it.each(Object.entries(forms))('writes %s as Django does', async (hasher, form) => {
    const password = 'pässwörd 密码 🔑';
    const encoded = await makePassword(password, { hasher });
    expect(encoded).toMatch(form);
    expect(encoded.length).toBeLessThanOrEqual(128);
    expect(await checkPassword(password, encoded)).toBe(true);
    expect(passwordNeedsUpdate(encoded, { hasher })).toBe(false);
    expect(passwordNeedsUpdate(encoded)).toBe(hasher !== 'pbkdf2_sha256');
    const another = (iterations?: number) => makePassword(password, { hasher, iterations });
    if (hasher.startsWith('pbkdf2')) expect(await another(1)).not.toBe(await another(1));
    else expect(await another()).not.toBe(encoded);
  });

  it('repeats the hashes of Django that have its costs, given their salts', async () => {
    const salts = /^(?:md5|pbkdf2_\w+\$(?<iterations>\d+)|scrypt\$16384)\$(?<salt>[^$]+)\$/;
    let repeated = 0;
    for (const { password, encoded, algorithm: hasher } of [...vectors.valid, ...more]) {
      const { salt, iterations } = salts.exec(encoded)?.groups ?? {};
      // Those of a million rounds were verified above, as long as that takes.
      if (Number(iterations) > 500_000) continue;
      if (salt === undefined || (hasher === 'scrypt' && !encoded.includes('$8$5$'))) continue;
      const options = iterations === undefined ? { hasher, salt } : { hasher, salt, iterations: Number(iterations) };
      expect(await makePassword(password, options)).toBe(encoded);
      repeated += 1;
    }
    expect(repeated).toBeGreaterThan(25);
    expect(await makePassword('letmein', { hasher: 'bcrypt', salt: '$2y$04$JCwXg312NtjVOnU.scJtVe' })).toBe(
      more.find(({ encoded }) => encoded.startsWith('bcrypt$$2y$04'))?.encoded,
    );
  });

  it('has the defaults of Django', async () => {
    const [, iterations, salt = ''] = (await makePassword('x')).split('$');
    expect(Number(iterations)).toBe(vectors.defaults.pbkdf2_sha256_iterations);
    expect(salt).toHaveLength(vectors.defaults.salt_length);
  });

  it('makes an unusable password of null, another each time', async () => {
    const [one, two] = [await makePassword(null), await makePassword(null)];
    expect(one).toMatch(/^![A-Za-z0-9]{40}$/);
    expect(one).not.toBe(two);
    expect(isPasswordUsable(one)).toBe(false);
    expect(passwordState(one)).toBe('unusable');
    expect(identifyHasher(one)).toBeUndefined();
  });

  it('hashes with bcrypt beside the event loop', async () => {
    let [turns, isDone] = [0, false];
    const turn = () => {
      turns++;
      if (!isDone) setImmediate(turn);
    };
    turn();
    const encoded = await makePassword('letmein', { hasher: 'bcrypt', salt: '$2b$10$JCwXg312NtjVOnU.scJtVe' });
    isDone = true;
    // In the loop, it would leave one turn or two.
    expect(turns).toBeGreaterThan(50);
    expect(await checkPassword('letmein', encoded)).toBe(true);
  });

  it('reads 72 bytes with bcrypt, and takes no NUL, as the library that Django uses', async () => {
    const salt = '$2b$04$JCwXg312NtjVOnU.scJtVe';
    const long = await makePassword('x'.repeat(200), { hasher: 'bcrypt', salt });
    expect(await makePassword('x'.repeat(72), { hasher: 'bcrypt', salt })).toBe(long);
    expect(await makePassword('x'.repeat(71), { hasher: 'bcrypt', salt })).not.toBe(long);
    await expect(makePassword('a\0b', { hasher: 'bcrypt' })).rejects.toThrow('NUL');
    expect(await checkPassword('a\0b', await makePassword('a', { hasher: 'bcrypt', salt }))).toBe(false);
    expect(await checkPassword('a\0b', await makePassword('a\0b', { hasher: 'bcrypt_sha256', salt }))).toBe(true);
  });

  it.each([
    [{ hasher: 'nope' }, "No password can be hashed with 'nope'."],
    [{ hasher: 'sha1' }, "No password can be hashed with 'sha1'."],
    [{ hasher: 'unsalted_md5' }, "No password can be hashed with 'unsalted_md5'."],
    [{ salt: 'a$b' }, 'A salt cannot contain $.'],
    [{ hasher: 'md5', salt: '$' }, 'A salt cannot contain $.'],
    [{ hasher: 'argon2', salt: '$' }, 'A salt cannot contain $.'],
    [{ hasher: 'argon2', salt: 'short' }, 'An argon2 salt has at least 8 bytes.'],
    [{ hasher: 'bcrypt', salt: 'seasalt' }, 'A bcrypt salt has the form'],
    [{ hasher: 'bcrypt', salt: '$2b$31$JCwXg312NtjVOnU.scJtVe' }, 'A bcrypt salt has the form'],
    [{ iterations: 0 }, 'pbkdf2_sha256 takes from 1 to 10000000 rounds, and not 0.'],
    [{ iterations: 1.5 }, 'and not 1.5.'],
    [{ iterations: 1e9 }, 'and not 1000000000.'],
  ])('refuses %o', async (options, message) => {
    await expect(makePassword('letmein', options)).rejects.toThrow(message);
  });

  it('leaves the event loop free', async () => {
    let ticks = 0;
    const ticker = setInterval(() => {
      ticks += 1;
    }, 5);
    for (const hasher of ['pbkdf2_sha256', 'argon2', 'scrypt']) {
      ticks = 0;
      await makePassword('letmein', { hasher, iterations: 300_000 });
      expect(ticks, hasher).toBeGreaterThan(0);
    }
    clearInterval(ticker);
  });
});

describe('passwordNeedsUpdate', () => {
  it.each(vectors.must_update)('says what Django says of $encoded', ({ encoded, must_update }) => {
    expect(passwordNeedsUpdate(encoded)).toBe(must_update);
  });

  it.each(more)('says what Django says of $note ($algorithm)', ({ encoded, algorithm, must_update }) => {
    expect(passwordNeedsUpdate(encoded, { hasher: algorithm })).toBe(must_update);
    expect(passwordNeedsUpdate(encoded, { hasher: algorithm === 'argon2' ? 'scrypt' : 'argon2' })).toBe(true);
  });
});

describe('many passwords', () => {
  it('are hashed by as many at once as there are cores, and few where each takes much memory', async () => {
    const most = async (hasher: string) => {
      let [now, highest, done] = [0, 0, 0];
      await hashAtOnce(Array.from({ length: 3000 }), hasher, async () => {
        highest = Math.max(highest, ++now);
        await new Promise((resolve) => setImmediate(resolve));
        now--;
        done++;
      });
      return { highest, done };
    };
    const cores = availableParallelism();
    expect(await most('pbkdf2_sha256')).toEqual({ highest: cores + 1, done: 3000 });
    expect(await most('argon2')).toEqual({ highest: Math.min(cores + 1, 8), done: 3000 });
  });

  it('have a thread for each core in the program', async () => {
    const cwd = temporaryFolder({
      'cores.cjs':
        "require('node:os').availableParallelism = () => 40;\n" +
        // Not every Node needs its threads to say its version.
        "setImmediate(() => require('node:fs').stat('/', () => {}));\n" +
        "process.on('exit', () => { const tasks = '/proc/self/task'; const fs = require('node:fs');\n" +
        '  console.error(process.env.UV_THREADPOOL_SIZE, !fs.existsSync(tasks) || fs.readdirSync(tasks).length > 40); });\n',
    });
    const env = { NODE_OPTIONS: `--require=${join(cwd, 'cores.cjs')}` };
    expect(await runManage(['version'], { cwd, env })).toMatchObject({ exitCode: 0, stderr: '40 true\n' });
    expect(await runManage(['version'], { cwd, env: { ...env, UV_THREADPOOL_SIZE: '2' } })).toMatchObject({
      stderr: '2 false\n',
    });
  });
});
