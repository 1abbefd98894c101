import { exposuresOf, isWorldReadable } from '../../db/connect/transport-checks.js';
import { CommandError } from '../../errors.js';
import { type Algorithm, openKeyRing, weaknessOf } from '../../tokens/key-ring.js';
import { type Check, type Finding, finding } from './finding.js';

const minLength = 50;
const minUniqueCharacters = 5;
const insecurePrefix = 'django-insecure-';

/** Django 5.2 core/checks/security/base.py, `_check_secret_key`. */
const isWeak = (key: string) => key.length < minLength || new Set(key).size < minUniqueCharacters;

const longKeyHint = `Use a key of at least ${minLength} random characters; who has it can forge sessions.`;

export const secretKey: Check = {
  tag: 'security',
  run({ settings: { secretKey: key } }) {
    if (key === undefined) {
      return [
        finding(
          'W020',
          'secretKey',
          'There is no secret key: sessions and password reset links cannot be created or verified.',
          'Set SECRET_KEY, or `secretKey` in the settings, to that of the site.',
        ),
      ];
    }
    if (!isWeak(key)) return [];
    const what = `The secret key has less than ${minLength} characters, or less than ${minUniqueCharacters} different ones.`;
    return [finding('W021', 'secretKey', what, longKeyHint)];
  },
};

export const deployedKeys: Check = {
  tag: 'security',
  deploy: true,
  run({ settings: { secretKey: key, secretKeyFallbacks } }) {
    const findings: Finding[] = [];
    if (key?.startsWith(insecurePrefix)) {
      const what = `The secret key begins with '${insecurePrefix}', so Django made it for development.`;
      findings.push(finding('W022', 'secretKey', what, longKeyHint));
    }
    secretKeyFallbacks.forEach((fallback, index) => {
      if (!isWeak(fallback) && !fallback.startsWith(insecurePrefix)) return;
      const what = 'This former secret key is short, or was made for development, and still accepted.';
      findings.push(finding('W023', `secretKeyFallbacks[${index}]`, what, 'Remove it once no session needs it.'));
    });
    return findings;
  },
};

/** Algorithms that Django keeps for old hashes and for tests alone. */
const fastHashers = ['md5', 'pbkdf2_sha1'];

export const deployedPasswords: Check = {
  tag: 'security',
  deploy: true,
  run({ settings: { passwordHashers, passwordValidators } }) {
    const findings: Finding[] = [];
    const [preferred] = passwordHashers;
    if (preferred !== undefined && fastHashers.includes(preferred)) {
      const what = `New passwords are hashed with '${preferred}', which is too fast for that.`;
      findings.push(finding('W024', 'passwordHashers', what, "Put 'pbkdf2_sha256', 'argon2' or 'scrypt' first."));
    }
    if (passwordValidators.length === 0) {
      const what = 'No validator keeps people from choosing bad passwords.';
      findings.push(finding('W025', 'passwordValidators', what, "Leave the setting out to have Django's four."));
    }
    return findings;
  },
};

const exposureHints = {
  unencrypted: 'Use `sslmode=verify-full` in its URL.',
  unverified: 'Use `sslmode=verify-full` in its URL, with `sslrootcert` where the authority is your own.',
  readable: 'Take that right away: `chmod o-rwx`.',
} as const;

export const deployedDatabases: Check = {
  tag: 'security',
  deploy: true,
  async run({ settings, databases }) {
    const findings: Finding[] = [];
    for (const { alias } of databases) {
      const database = settings.databases[alias];
      if (database === undefined) continue;
      for (const { kind, message } of await exposuresOf(database.target)) {
        const id = { unencrypted: 'W026', unverified: 'I026', readable: 'W027' } as const;
        findings.push(finding(id[kind], `databases.${alias}`, message, exposureHints[kind]));
      }
      if (!database.protected) {
        const what = `Commands that destroy data in '${alias}' do not ask for its name.`;
        findings.push(
          finding('I028', `databases.${alias}`, what, 'Set `protected: true`, and they need its name too.', { alias }),
        );
      }
    }
    return findings;
  },
};

export const deployedEnvironment: Check = {
  tag: 'security',
  deploy: true,
  async run({ settings: { envFiles } }) {
    const findings: Finding[] = [];
    for (const file of envFiles) {
      if (!(await isWorldReadable(file))) continue;
      const what = 'Every user of this machine can read this file, and it is where secrets stand.';
      findings.push(finding('W029', file, what, exposureHints.readable));
    }
    return findings;
  },
};

/** RFC 7518, 3.2 and 3.3: simplejwt signs with a shorter key too, and PyJWT warns of it. */
export const tokenKeys: Check = {
  tag: 'security',
  run({ settings: { tokens, secretKey: site } }) {
    const { algorithm, keys } = tokens;
    // Who has no settings for tokens may have none at all.
    const isSet = keys.length > 0 || algorithm !== 'HS256';
    const used = keys.length > 0 ? keys : isSet && site !== undefined ? [{ kid: undefined, key: site }] : [];
    const findings: Finding[] = [];
    try {
      if (used.length === 0) return [];
      openKeyRing(algorithm as Algorithm, used).forEach((key, index) => {
        const weakness = weaknessOf(algorithm as Algorithm, key);
        if (weakness === undefined) return;
        const hint = 'Make a longer one.';
        findings.push(finding('W050', `tokens.keys[${index}]`, `This key is too short. ${weakness}`, hint));
      });
    } catch (error) {
      if (!(error instanceof CommandError)) throw error;
      findings.push(finding('E050', 'tokens', error.message, error.hint));
    }
    return findings;
  },
};

export const deployedAudit: Check = {
  tag: 'people',
  deploy: true,
  run({ settings: { audit } }) {
    if (audit.actor !== undefined) return [];
    const what = "No actor is set, so changes of accounts and rights are not written into the admin's log.";
    return [finding('I065', 'audit.actor', what, 'Set `audit.actor`, or MANAGE_ACTOR, to the name of an account.')];
  },
};

/** Django 5.2 core/checks/security/sessions.py and csrf.py, in what servers of this project send. */
export const deployedCookies: Check = {
  tag: 'security',
  deploy: true,
  run({ settings: { session, csrf } }) {
    const findings: Finding[] = [];
    if (!session.cookieSecure) {
      const what = 'Session cookies are sent over plain HTTP too, where others can read them.';
      findings.push(
        finding(
          'I040',
          'session.cookieSecure',
          what,
          'Set it to true where a server of this project answers over HTTPS.',
        ),
      );
    }
    if (!session.cookieHttpOnly) {
      const what = 'Scripts can read session cookies, injected ones too.';
      findings.push(finding('W051', 'session.cookieHttpOnly', what, 'Leave it out, or set it to true.'));
    }
    if (csrf.mode === 'off') {
      const what = "Other sites can make a visitor's browser send requests that change something.";
      findings.push(finding('W052', 'csrf.mode', what, "Use 'fetch-metadata' or 'django'."));
    }
    return findings;
  },
};
