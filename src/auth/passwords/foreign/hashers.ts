import type { Hasher } from '../hashers/hasher.js';
import { apr1, md5CryptHasher, sha256Crypt, sha512Crypt, sha512CryptShort } from './crypt.js';
import { foreignDigests } from './digests.js';
import { ldapHashers } from './ldap.js';
import { passlibPbkdf2 } from './pbkdf2.js';
import { drupal, phpass } from './phpass.js';
import { betterAuth, firebaseScrypt, werkzeugScrypt } from './scrypt.js';
import { wordpress } from './wordpress.js';

/** Formats of other systems under the names that they are stored with; all are only read, and upgraded at the next login. */
export const foreignHashers: readonly Hasher[] = [
  phpass,
  drupal,
  wordpress,
  ...passlibPbkdf2,
  werkzeugScrypt,
  betterAuth,
  firebaseScrypt,
  ...ldapHashers,
  sha512Crypt,
  sha512CryptShort,
  sha256Crypt,
  md5CryptHasher,
  apr1,
  ...foreignDigests,
];
