import { foreignHashers } from './hashers.js';

const head = `"""Password hashers for hashes that other systems made, for Django 3.2 and later.

They only verify: Django hashes such a password again at the next login, with the first of PASSWORD_HASHERS.
Add behind the hashers that there are in your settings:

`;

const base = `"""
import base64
import hashlib
import hmac
import unicodedata

from django.contrib.auth.hashers import BasePasswordHasher
from django.utils.crypto import constant_time_compare

ITOA64 = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


def to64(value, length):
    text = ""
    for _ in range(length):
        text += ITOA64[value & 63]
        value >>= 6
    return text


def from_adapted64(text):
    return base64.b64decode(text.replace(".", "+") + "=" * (-len(text) % 4))


class ForeignPasswordHasher(BasePasswordHasher):
    """Verifies what another system has hashed, and makes no hash itself."""

    def salt(self):
        return ""

    def encode(self, password, salt):
        raise NotImplementedError("%s only verifies." % self.__class__.__name__)

    def matches(self, password, data):
        raise NotImplementedError

    def verify(self, password, encoded):
        try:
            return bool(self.matches(password, encoded[len(self.algorithm):]))
        except (ValueError, IndexError):
            return False

    def decode(self, encoded):
        return {"algorithm": self.algorithm, "salt": "", "hash": encoded[len(self.algorithm):]}

    def safe_summary(self, encoded):
        return {"algorithm": self.algorithm}

    def must_update(self, encoded):
        return True

    def harden_runtime(self, password, encoded):
        pass
`;

/** A class, what it needs besides, and the names that its hashes are stored with. */
interface PythonHasher {
  readonly name: string;
  readonly algorithm: string;
  readonly parents?: string;
  readonly body: string;
  readonly needs?: readonly (keyof typeof helpers)[];
}

const helpers = {
  phpass: `
def phpass(digest, password, settings):
    state = getattr(hashlib, digest)(settings[1:].encode() + password).digest()
    for _ in range(1 << ITOA64.index(settings[0])):
        state = getattr(hashlib, digest)(state + password).digest()
    text = ""
    for at in range(0, len(state), 3):
        part = state[at : at + 3]
        text += to64(int.from_bytes(part, "little"), len(part) + 1)
    return text
`,
  crypt: `
def repeated(data, length):
    return (data * (length // len(data) + 1))[:length] if data else b""


def packed(digest, order):
    text = ""
    for places in order:
        value = 0
        for place in places:
            value = value << 8 | (0 if place is None else digest[place])
        text += to64(value, sum(place is not None for place in places) + 1)
    return text


def sha_crypt(name, password, salt, rounds):
    digest = lambda *parts: getattr(hashlib, name)(b"".join(parts)).digest()
    inner = digest(password, salt, password)
    bits, length = [], len(password)
    while length:
        bits.append(inner if length & 1 else password)
        length >>= 1
    state = digest(password, salt, repeated(inner, len(password)), *bits)
    passwords = repeated(digest(*[password] * len(password)), len(password))
    salts = repeated(digest(*[salt] * (16 + state[0])), len(salt))
    for index in range(rounds):
        parts = [passwords if index & 1 else state]
        if index % 3:
            parts.append(salts)
        if index % 7:
            parts.append(passwords)
        parts.append(state if index & 1 else passwords)
        state = digest(*parts)
    third = len(state) // 3
    order = []
    for at in range(third):
        places = [at, at + third, at + 2 * third]
        turn = at % 3 if name == "sha512" else -at % 3
        order.append(places[turn:] + places[:turn])
    order.append([None, None, 63] if name == "sha512" else [None, 31, 30])
    return packed(state, order)


def sha_crypt_matches(name, password, text):
    parts = text.split("$")
    rounds = int(parts.pop(0)[len("rounds="):]) if parts[0].startswith("rounds=") else 5000
    salt, stored = parts
    return constant_time_compare(stored, sha_crypt(name, password.encode(), salt.encode(), max(1000, rounds)))


def md5_crypt(password, magic, salt):
    digest = lambda *parts: hashlib.md5(b"".join(parts)).digest()
    inner = digest(password, salt, password)
    bits, length = [], len(password)
    while length:
        bits.append(b"\\0" if length & 1 else password[:1])
        length >>= 1
    state = digest(password, magic, salt, repeated(inner, len(password)), *bits)
    for index in range(1000):
        parts = [password if index & 1 else state]
        if index % 3:
            parts.append(salt)
        if index % 7:
            parts.append(password)
        parts.append(state if index & 1 else password)
        state = digest(*parts)
    return packed(state, [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5], [None, None, 11]])
`,
  ldap: `

class LdapPasswordHasher(ForeignPasswordHasher):
    digest = ""
    size = 0

    def matches(self, password, data):
        raw = base64.b64decode(data[data.index("}") + 1:])
        made = getattr(hashlib, self.digest)(password.encode() + raw[self.size:]).digest()
        return constant_time_compare(raw[: self.size], made)
`,
  pbkdf2: `

class PasslibPBKDF2PasswordHasher(ForeignPasswordHasher):
    digest = ""

    def matches(self, password, data):
        _, rounds, salt, key = data.split("$")
        key = from_adapted64(key)
        made = hashlib.pbkdf2_hmac(self.digest, password.encode(), from_adapted64(salt), int(rounds), len(key))
        return constant_time_compare(key, made)
`,
  scrypt: `

def scrypt(password, salt, n, r, p, length):
    memory = 128 * r * (n + p + 2) * 2
    return hashlib.scrypt(password, salt=salt, n=n, r=r, p=p, dklen=length, maxmem=memory)
`,
  hex: `

class HexPasswordHasher(ForeignPasswordHasher):
    digest = ""

    def matches(self, password, data):
        return constant_time_compare(data[1:], getattr(hashlib, self.digest)(password.encode()).hexdigest())


class HmacPasswordHasher(ForeignPasswordHasher):
    digest = ""

    def matches(self, password, data):
        _, salt, stored = data.split("$")
        return constant_time_compare(stored, hmac.new(salt.encode(), password.encode(), self.digest).hexdigest())


class SaltedPasswordHasher(ForeignPasswordHasher):
    digest = ""

    def matches(self, password, data):
        _, salt, stored = data.split("$")
        return constant_time_compare(stored, getattr(hashlib, self.digest)((salt + password).encode()).hexdigest())
`,
} as const;

const digestHasher = (
  name: string,
  algorithm: string,
  parents: string,
  digest: string,
  needs: keyof typeof helpers,
) => ({
  name,
  algorithm,
  parents,
  body: `    digest = "${digest}"`,
  needs: [needs],
});

const ldapHasher = (name: string, algorithm: string, digest: string, size: number): PythonHasher => ({
  name,
  algorithm,
  parents: 'LdapPasswordHasher',
  body: `    digest = "${digest}"\n    size = ${size}`,
  needs: ['ldap'],
});

const method = (...lines: readonly string[]) =>
  ['    def matches(self, password, data):', ...lines.map((line) => `        ${line}`)].join('\n');

const pythonHashers: readonly PythonHasher[] = [
  {
    name: 'PhpassPasswordHasher',
    algorithm: 'phpass',
    needs: ['phpass'],
    body: method(
      'settings, stored = data[4:13], data[13:]',
      'return constant_time_compare(stored, phpass("md5", password.encode(), settings))',
    ),
  },
  {
    name: 'DrupalPasswordHasher',
    algorithm: 'drupal',
    needs: ['phpass'],
    body: method(
      'raw = password.encode()',
      'if data.startswith("$U"):',
      '    data, raw = "$" + data[2:], hashlib.md5(raw).hexdigest().encode()',
      'settings, stored = data[4:13], data[13:]',
      'return constant_time_compare(stored, phpass("sha512", raw, settings)[:43])',
    ),
  },
  {
    name: 'WordPressPasswordHasher',
    algorithm: 'wp',
    body: method(
      'import bcrypt',
      '',
      'made = hmac.new(b"wp-sha384", password.strip().encode(), "sha384").digest()',
      'stored = data.encode()',
      'return constant_time_compare(stored, bcrypt.hashpw(base64.b64encode(made), stored))',
    ),
  },
  digestHasher('PasslibPBKDF2SHA1PasswordHasher', 'pbkdf2', 'PasslibPBKDF2PasswordHasher', 'sha1', 'pbkdf2'),
  digestHasher('PasslibPBKDF2SHA256PasswordHasher', 'pbkdf2-sha256', 'PasslibPBKDF2PasswordHasher', 'sha256', 'pbkdf2'),
  digestHasher('PasslibPBKDF2SHA512PasswordHasher', 'pbkdf2-sha512', 'PasslibPBKDF2PasswordHasher', 'sha512', 'pbkdf2'),
  {
    name: 'WerkzeugScryptPasswordHasher',
    algorithm: 'werkzeug_scrypt',
    needs: ['scrypt'],
    body: method(
      '_, n, salt, r, p, stored = data.split("$")',
      'stored = base64.b64decode(stored)',
      'made = scrypt(password.encode(), salt.encode(), int(n), int(r), int(p), len(stored))',
      'return constant_time_compare(stored, made)',
    ),
  },
  {
    name: 'BetterAuthPasswordHasher',
    algorithm: 'better_auth',
    needs: ['scrypt'],
    body: method(
      '_, salt, stored = data.split("$")',
      'stored = base64.b64decode(stored)',
      'raw = unicodedata.normalize("NFKC", password).encode()',
      'return constant_time_compare(stored, scrypt(raw, salt.encode(), 16384, 16, 1, len(stored)))',
    ),
  },
  {
    name: 'FirebaseScryptPasswordHasher',
    algorithm: 'firebase_scrypt',
    needs: ['scrypt'],
    body: method(
      'from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes',
      '',
      '_, cost, rounds, salt, stored = data.split("$")',
      'stored = base64.b64decode(stored)',
      'key = scrypt(password.encode(), base64.b64decode(salt), 1 << int(cost), int(rounds), 1, 32)',
      'cipher = Cipher(algorithms.AES(key), modes.CTR(bytes(16))).encryptor()',
      'return constant_time_compare(stored, cipher.update(bytes(len(stored))))',
    ),
  },
  ldapHasher('LdapSaltedSHA1PasswordHasher', 'ldap_salted_sha1', 'sha1', 20),
  ldapHasher('LdapSaltedMD5PasswordHasher', 'ldap_salted_md5', 'md5', 16),
  ldapHasher('LdapSHA1PasswordHasher', 'ldap_sha1', 'sha1', 20),
  ldapHasher('LdapMD5PasswordHasher', 'ldap_md5', 'md5', 16),
  ldapHasher('LdapSaltedSHA256PasswordHasher', 'ldap_salted_sha256', 'sha256', 32),
  ldapHasher('LdapSaltedSHA512PasswordHasher', 'ldap_salted_sha512', 'sha512', 64),
  {
    name: 'SHA512CryptPasswordHasher',
    algorithm: 'sha512_crypt',
    needs: ['crypt'],
    body: method('return sha_crypt_matches("sha512", password, data[len("$$6$"):])'),
  },
  {
    name: 'ShortSHA512CryptPasswordHasher',
    algorithm: 'crypt6',
    needs: ['crypt'],
    body: method('return sha_crypt_matches("sha512", password, data[1:])'),
  },
  {
    name: 'SHA256CryptPasswordHasher',
    algorithm: 'sha256_crypt',
    needs: ['crypt'],
    body: method('return sha_crypt_matches("sha256", password, data[len("$$5$"):])'),
  },
  {
    name: 'MD5CryptPasswordHasher',
    algorithm: 'md5_crypt',
    needs: ['crypt'],
    body: method(
      'salt, stored = data[len("$$1$"):].split("$")',
      'return constant_time_compare(stored, md5_crypt(password.encode(), b"$1$", salt.encode()))',
    ),
  },
  {
    name: 'ApacheMD5PasswordHasher',
    algorithm: 'apr1',
    needs: ['crypt'],
    body: method(
      '_, salt, stored = data.split("$")',
      'return constant_time_compare(stored, md5_crypt(password.encode(), b"$apr1$", salt.encode()))',
    ),
  },
  digestHasher('HexMD5PasswordHasher', 'hex_md5', 'HexPasswordHasher', 'md5', 'hex'),
  digestHasher('HexSHA1PasswordHasher', 'hex_sha1', 'HexPasswordHasher', 'sha1', 'hex'),
  digestHasher('HexSHA256PasswordHasher', 'hex_sha256', 'HexPasswordHasher', 'sha256', 'hex'),
  digestHasher('HmacMD5PasswordHasher', 'hmac_md5', 'HmacPasswordHasher', 'md5', 'hex'),
  digestHasher('HmacSHA1PasswordHasher', 'hmac_sha1', 'HmacPasswordHasher', 'sha1', 'hex'),
  digestHasher('HmacSHA256PasswordHasher', 'hmac_sha256', 'HmacPasswordHasher', 'sha256', 'hex'),
  digestHasher('SaltedSHA256PasswordHasher', 'salted_sha256', 'SaltedPasswordHasher', 'sha256', 'hex'),
];

/** Hashers that Django 5.2 has, and that are not in its own list, by the algorithm that an import may bring. */
const djangoHashers: Readonly<Record<string, string>> = {
  bcrypt: 'BCryptPasswordHasher',
  md5: 'MD5PasswordHasher',
  pbkdf2_sha1: 'PBKDF2SHA1PasswordHasher',
  argon2: 'Argon2PasswordHasher',
  scrypt: 'ScryptPasswordHasher',
};

/** Paths for PASSWORD_HASHERS that verify hashes of these algorithms; `module` is where the file will be. */
export function hasherPaths(algorithms: Iterable<string>, module: string): string[] {
  return [...algorithms].flatMap((algorithm) => {
    const own = pythonHashers.find((each) => each.algorithm === algorithm);
    if (own !== undefined) return [`${module}.${own.name}`];
    const django = djangoHashers[algorithm];
    return django === undefined ? [] : [`django.contrib.auth.hashers.${django}`];
  });
}

/** Python source of hashers for these algorithms, by default for all that Django does not have. */
export function pythonHasherModule(
  algorithms: Iterable<string> = foreignHashers.map(({ algorithm }) => algorithm),
  { module = 'hashers' }: { readonly module?: string } = {},
): string {
  const wanted = new Set(algorithms);
  const classes = pythonHashers.filter(({ algorithm }) => wanted.has(algorithm));
  const needed = new Set(classes.flatMap(({ needs = [] }) => needs));
  const settings = [
    '    PASSWORD_HASHERS += [',
    ...hasherPaths(wanted, module).map((path) => `        "${path}",`),
    '    ]',
  ];
  return [
    head + settings.join('\n').concat('\n'),
    base,
    ...(Object.keys(helpers) as (keyof typeof helpers)[])
      .filter((name) => needed.has(name))
      .map((name) => `\n${helpers[name].trimStart() === helpers[name] ? '' : '\n'}${helpers[name].trim()}\n`),
    ...classes.map(
      ({ name, algorithm, parents = 'ForeignPasswordHasher', body }) =>
        `\n\nclass ${name}(${parents}):\n    algorithm = "${algorithm}"\n${body.startsWith('    def') ? '\n' : ''}${body}\n`,
    ),
  ].join('');
}
