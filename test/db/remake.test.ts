import { describe, expect, it } from 'vitest';
import { remakeSql } from '../../src/db/engines/sqlite/remake.js';
import { normalizeSql, tokenizeSql } from '../../src/db/engines/sqlite/sql-text.js';
import { parseCreateTable } from '../../src/db/engines/sqlite/table-sql.js';

const narrow = { name: 'name', type: 'CharField', maxLength: 30, unique: true } as const;
const wide = { ...narrow, maxLength: 150 } as const;

const remake = (definition: string, change: Partial<Parameters<typeof remakeSql>[2]> = {}) =>
  remakeSql('t', definition, { before: narrow, after: wide, order: ['id', 'name', 'b'], early: false, ...change });

describe('making a table anew', () => {
  const plain =
    'CREATE TABLE "t" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(30) NOT NULL UNIQUE, "b" bool NOT NULL)';

  it('puts the altered column last, and backwards behind the key', () => {
    expect(remake(plain)).toEqual({
      create:
        'CREATE TABLE "new__t" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "b" bool NOT NULL, "name" varchar(150) NOT NULL UNIQUE)',
      copy: 'INSERT INTO "new__t" ("id", "b", "name") SELECT "id", "b", "name" FROM "t"',
    });
    expect(remake(plain, { early: true }).create).toBe(
      'CREATE TABLE "new__t" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(150) NOT NULL UNIQUE, "b" bool NOT NULL)',
    );
  });

  it.each([
    [
      'a collation',
      '"name" varchar(30) NOT NULL COLLATE NOCASE UNIQUE',
      '"name" varchar(150) NOT NULL UNIQUE COLLATE NOCASE',
    ],
    [
      'a default',
      `name varchar(30) UNIQUE NOT NULL DEFAULT 'a,(''b'`,
      `"name" varchar(150) NOT NULL UNIQUE DEFAULT 'a,(''b'`,
    ],
    [
      'a check',
      '[name] varchar(30) CHECK (length(name) > 2) NOT NULL UNIQUE',
      '"name" varchar(150) NOT NULL UNIQUE CHECK (length(name) > 2)',
    ],
    [
      'what a constraint says on conflict',
      '`name` VARCHAR(30) NOT NULL ON CONFLICT IGNORE UNIQUE',
      '"name" varchar(150) NOT NULL ON CONFLICT IGNORE UNIQUE',
    ],
    [
      'a constraint by name',
      '"name" varchar(30) CONSTRAINT "n n" NOT NULL CONSTRAINT u UNIQUE',
      '"name" varchar(150) CONSTRAINT "n n" NOT NULL CONSTRAINT u UNIQUE',
    ],
    ['the lack of a constraint', '"name" varchar(30) NOT NULL', '"name" varchar(150) NOT NULL'],
  ])('keeps %s', (_what, column, expected) => {
    const { create } = remake(`CREATE TABLE t (id integer PRIMARY KEY, ${column}, "b" bool)`);
    expect(create).toBe(`CREATE TABLE "new__t" (id integer PRIMARY KEY, "b" bool, ${expected})`);
  });

  it('keeps columns, constraints, options and comments that it does not know', () => {
    const { create, copy } = remake(
      `CREATE TABLE t ("x y" text /* , ( */ DEFAULT (1 + (2)), id integer PRIMARY KEY, -- the key, (
        "NAME" varchar(30) NOT NULL UNIQUE, g text GENERATED ALWAYS AS ("x y" || 'a') STORED, b bool,
        CONSTRAINT c CHECK (b IN (0, 1)), UNIQUE (b, id)) STRICT`,
    );
    expect(create).toBe(
      `CREATE TABLE "new__t" (id integer PRIMARY KEY, b bool, "name" varchar(150) NOT NULL UNIQUE, ` +
        `"x y" text /* , ( */ DEFAULT (1 + (2)), g text GENERATED ALWAYS AS ("x y" || 'a') STORED, ` +
        'CONSTRAINT c CHECK (b IN (0, 1)), UNIQUE (b, id)) STRICT',
    );
    expect(copy).toBe('INSERT INTO "new__t" ("id", "b", "x y", "name") SELECT "id", "b", "x y", "name" FROM "t"');
  });

  it('refuses to change what somebody has declared differently', () => {
    const nullable = { ...narrow, null: true };
    const change = () =>
      remake('CREATE TABLE t (id integer PRIMARY KEY, name varchar(30) NOT NULL ON CONFLICT REPLACE UNIQUE)', {
        after: nullable,
      });
    expect(change).toThrow(
      'The column "name" of the table "t" is declared as `name varchar(30) NOT NULL ON CONFLICT REPLACE UNIQUE`, which is not what this migration knows how to change.',
    );
  });

  it('refuses to change a column that is not there', () => {
    expect(() => remake('CREATE TABLE t (id integer PRIMARY KEY)')).toThrow('The table "t" has no column "name"');
  });

  it('leaves a change alone that somebody has made already', () => {
    const change = { before: { ...narrow, null: false }, after: { ...narrow, null: true } };
    const { create } = remake('CREATE TABLE t (id integer PRIMARY KEY, name varchar(30) NULL UNIQUE)', change);
    expect(create).toBe('CREATE TABLE "new__t" (id integer PRIMARY KEY, "name" varchar(30) NULL UNIQUE)');
  });
});

describe('reading CREATE TABLE', () => {
  it('tells the clauses of a column apart', () => {
    const [column] = parseCreateTable(
      `CREATE TABLE t (a unsigned big int(3, 4) CONSTRAINT k PRIMARY KEY DESC ON CONFLICT FAIL AUTOINCREMENT NOT NULL
        DEFAULT -1 REFERENCES "o" ("i") ON DELETE SET NULL ON UPDATE NO ACTION MATCH FULL NOT DEFERRABLE INITIALLY DEFERRED
        COLLATE binary CHECK ((a))) WITHOUT ROWID`,
    ).columns;
    expect(column?.type).toBe('unsigned big int(3, 4)');
    expect(column?.clauses.map(({ kind, text }) => [kind, text.replace(/\s+/g, ' ')])).toEqual([
      ['primary', 'CONSTRAINT k PRIMARY KEY DESC ON CONFLICT FAIL AUTOINCREMENT'],
      ['null', 'NOT NULL'],
      ['default', 'DEFAULT -1'],
      [
        'references',
        'REFERENCES "o" ("i") ON DELETE SET NULL ON UPDATE NO ACTION MATCH FULL NOT DEFERRABLE INITIALLY DEFERRED',
      ],
      ['collate', 'COLLATE binary'],
      ['check', 'CHECK ((a))'],
    ]);
  });

  it('takes a column without a type, and names in every kind of quotes', () => {
    const { columns, constraints } = parseCreateTable(
      'CREATE TABLE t (a, "b ""c" int, [d e] int, `f``g` int, constraint_x int, FOREIGN KEY (a) REFERENCES o)',
    );
    expect(columns.map(({ name, type }) => [name, type])).toEqual([
      ['a', ''],
      ['b "c', 'int'],
      ['d e', 'int'],
      ['f`g', 'int'],
      ['constraint_x', 'int'],
    ]);
    expect(constraints).toEqual(['FOREIGN KEY (a) REFERENCES o']);
  });

  it('compares statements whatever their quotes, spaces, comments and letters are', () => {
    expect(normalizeSql('CHECK ("A" >= 0) -- x')).toBe(normalizeSql('check(\n[a]>=0/* y */)'));
    expect(normalizeSql("x = 'A'")).not.toBe(normalizeSql("x = 'a'"));
    expect(tokenizeSql('a /* never ends').map(({ value }) => value)).toEqual(['a']);
  });
});
