import type { Value } from '../../../db/dialect/dialect.js';
import { CommandError } from '../../../errors.js';
import type { Field, Registry } from '../../../registry/types.js';
import { convertForeignHash } from '../../passwords/foreign/convert.js';
import { identifyHasher, passwordState } from '../../passwords/hashers.js';
import { textCleaner } from '../clean-text.js';
import { userModelOf } from '../user-model.js';
import { type ColumnMap, importKeys } from './columns.js';
import type { ImportOptions } from './options.js';
import type { ImportRow } from './read-rows.js';

export interface Prepared {
  readonly place: number;
  readonly name: string;
  /** A value for each field of the user model, in their order; undefined for what the row does not say. */
  readonly values: (Value | undefined)[];
  readonly groups: readonly string[];
  /** Where it is still to be hashed. */
  readonly password?: string;
}

export class RowError extends Error {}

const asText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value);

/** Turns rows into values, as Django cleans them. @throws RowError where one is wrong. */
export function rowPreparer(
  registry: Registry,
  columns: ColumnMap,
  { timeZone = 'UTC' }: Pick<ImportOptions, 'timeZone'>,
): (row: ImportRow) => Prepared {
  const { model, auth, username, password } = userModelOf(registry);
  const { fields } = model;
  const cleaners = fields.map((field) => ({
    field,
    clean: textCleaner({ registry, timeZone }, field),
    cleanEmpty: textCleaner({ registry, timeZone }, { ...field, blank: true }),
  }));
  const [usernameAt, passwordAt] = [fields.indexOf(username), fields.indexOf(password)];
  const readGiven = givenReader(registry, columns);
  const nothing = fields.map(() => undefined);
  return ({ place, values }) => {
    const given = readGiven(values);
    const row: (Value | undefined)[] = nothing.slice();
    const name = given.cells[usernameAt];
    if (name === undefined || name === null || name === '') throw new RowError(`It has no ${username.verboseName}.`);
    for (let at = 0; at < cleaners.length; at++) {
      const value = given.cells[at];
      const cleaner = cleaners[at];
      if (value === undefined || cleaner === undefined || at === passwordAt) continue;
      const { field, clean, cleanEmpty } = cleaner;
      if (value === null || (value === '' && (field.null || field.default !== undefined))) {
        if (field.null) row[at] = null;
        continue;
      }
      if (typeof value === 'boolean' && field.type === 'BooleanField') {
        row[at] = value;
        continue;
      }
      const text = typeof value === 'string' ? value : asText(value);
      const cleaned = (text === '' ? cleanEmpty : clean)(booleanText(field, text));
      if (cleaned.problems !== undefined) throw new RowError(`${field.name}: ${cleaned.problems.join(' ')}`);
      row[at] = cleaned.value;
    }
    const encoded = encodedPassword(given, password.maxLength);
    const clear = typeof encoded === 'string' ? undefined : encoded?.clear;
    if (typeof encoded === 'string') row[passwordAt] = encoded;
    const wanted = given.groups;
    const groups = wanted === undefined || wanted === null || auth.groups === undefined ? noGroups : groupNames(wanted);
    const prepared = { place, name: String(row[usernameAt]), values: row, groups };
    return clear === undefined ? prepared : { ...prepared, password: clear };
  };
}

/** What a row says. */
interface Given {
  /** By field of the user model, in their order. */
  readonly cells: readonly unknown[];
  readonly hash: unknown;
  readonly clear: unknown;
  readonly algorithm: unknown;
  readonly salt: unknown;
  readonly groups: unknown;
}

/** Reads what rows say, each time into the same place: it holds until the next row. */
function givenReader(registry: Registry, columns: ColumnMap): (values: ImportRow['values']) => Given {
  const { fields, primaryKey } = userModelOf(registry).model;
  const targets = [...new Set<string>([...fields.map(({ name }) => name), ...importKeys])];
  const places = new Map(targets.map((name, at) => [name, at]));
  const placeOf = (target: string) => places.get(target === 'pk' ? primaryKey.name : target) ?? -1;
  const known = new Map<string, number>();
  const cells: unknown[] = targets.map(() => undefined);
  const of = (key: (typeof importKeys)[number]) => cells[placeOf(key)];
  return (values) => {
    cells.fill(undefined);
    for (const column of Object.keys(values)) {
      let at = known.get(column);
      if (at === undefined) {
        const target = columns.targetOf(column);
        at = target === undefined ? -1 : placeOf(target);
        known.set(column, at);
      }
      const value = values[column];
      if (at >= 0 && value !== undefined) cells[at] = value;
    }
    return {
      cells,
      hash: of('password_hash'),
      clear: of('password'),
      algorithm: of('algorithm'),
      salt: of('salt'),
      groups: of('groups'),
    };
  };
}

const noGroups: readonly string[] = [];

/** Other systems write what is true in other ways. */
function booleanText({ type }: Field, text: string): string {
  if (type !== 'BooleanField' || text === 'True' || text === 'False') return text;
  if (/^(?:yes|y|on|enabled)$/i.test(text)) return 'true';
  return /^(?:no|n|off|disabled)$/i.test(text) ? 'false' : text;
}

const groupNames = (value: unknown): string[] =>
  (Array.isArray(value) ? value.map(String) : String(value).split(/[;|,]/))
    .map((name) => name.trim())
    .filter((name) => name !== '');

/** What hashes begin with: Django's and passlib's names, modular crypt, LDAP's schemes, Werkzeug's. */
const hashStart =
  /^(?:\$(?:\d|2[abxy]?|argon2\w*|pbkdf2[\w-]*|apr1|wp|[PHS]|scrypt|bcrypt[\w-]*)\$|U\$S\$|\{[A-Z][A-Z0-9-]+\}|(?:pbkdf2|scrypt):\w+[:$]|!\w{40}$)/i;

/** A password itself. What is, or was, a hash would else be hashed once more, and nobody could log in. */
function clearPassword(value: unknown, ofHash: string | undefined): string {
  const refuse = (what: string) =>
    new RowError(`password: ${what} A hash belongs into \`password_hash\`; there \`cleartext$\` marks what is none.`);
  if (typeof value !== 'string' && typeof value !== 'number') throw refuse('This is not the text of a password.');
  const text = String(value);
  if (ofHash !== undefined) throw refuse('With an algorithm or a salt this is a hash.');
  const isNamed = text.includes('$') && identifyHasher(text) !== undefined;
  if (isNamed || hashStart.test(text) || convertForeignHash({ hash: text }) !== undefined)
    throw refuse('This looks like a hash, or a part of one.');
  return text;
}

/** What the password column gets, or the password itself where that was given; undefined where nothing was. */
function encodedPassword(given: Given, maxLength: number | undefined): string | { readonly clear: string } | undefined {
  const { hash, clear } = given;
  const has = (value: unknown) => value !== undefined && value !== null && value !== '';
  if (has(hash) && has(clear)) throw new RowError('It has a password and a hash of one.');
  const algorithm = has(given.algorithm) ? String(given.algorithm) : undefined;
  const salt = has(given.salt) ? String(given.salt) : undefined;
  if (has(clear)) return { clear: clearPassword(clear, algorithm ?? salt) };
  if (!has(hash)) return undefined;
  if (typeof hash === 'string') {
    if (hash.startsWith('cleartext$')) return { clear: hash.slice('cleartext$'.length) };
    const isDjango = hash.startsWith('!') || (/^[a-z0-9_-]+\$/.test(hash) && algorithm !== 'werkzeug');
    if (isDjango && (hash.startsWith('!') || passwordState(hash) === 'usable')) {
      if (maxLength !== undefined && hash.length > maxLength)
        throw new RowError(`password_hash: It has more than ${maxLength} characters.`);
      return hash;
    }
  }
  try {
    const converted = convertForeignHash({ hash, algorithm, salt }, { maxLength });
    if (converted !== undefined && passwordState(converted.encoded) === 'usable') return converted.encoded;
  } catch (error) {
    if (error instanceof CommandError) throw new RowError(`password_hash: ${error.message}`);
    throw error;
  }
  throw new RowError(
    'password_hash: This is not a known password hash.' +
      (algorithm === undefined ? ' Digits alone need an `algorithm`, such as md5.' : ` (algorithm ${algorithm})`),
  );
}
