import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDatabase, type TestDatabase } from '../helpers/databases.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

/** Types that a column may have and that no value can be written into, as the server itself says. */
const withoutValues = [
  'gtsvector',
  'pg_brin_bloom_summary',
  'pg_brin_minmax_multi_summary',
  'pg_dependencies',
  'pg_mcv_list',
  'pg_ndistinct',
  'pg_node_tree',
  'ghstore',
];

/** Values of types for which `common` has none, or that have odd ones. */
const samples: Readonly<Record<string, readonly string[]>> = {
  interval: [
    '1 mon 2 days 03:04:05.000006',
    '-1 year -2 mons +3 days -04:05:06',
    '1 day',
    '-1 days +23:59:58.5',
    '14 months',
    'infinity',
    '-2147483648 days -00:00:00.5',
    '1000000000 days',
  ],
  date: ['infinity', '-infinity', '0044-03-15 BC', '5874897-12-31'],
  time: ['24:00:00', '23:59:59.999999'],
  timetz: ['12:30:00+05:30', '00:00:00.000001-03'],
  timestamptz: ['2026-11-21 07:44:07.018158+02', '0001-01-01 00:00:00+00', '-infinity', '0044-03-15 12:00:00+00 BC'],
  timestamp: ['infinity', '294276-12-31 23:59:59.999999', '2026-03-29 02:30:00', '2026-11-21 07:44:07.018158'],
  json: ['{"b": 1, "a": [1.5, null, "x\\"y"]}', '[]', '"\\u00e9\\u0000"'],
  jsonb: ['{"b": 1, "a": [null, "x\\"y"]}', '12345678901234567890', '[1.00000000000000000001, 0.1, 1e-400]'],
  bytea: ['\\x00ff6162', ''],
  bpchar: ['a  ', 'é'],
  bit: ['1'],
  varbit: ['10110', ''],
  box: ['(3,4),(1,2)'],
  polygon: ['((0,0),(1,1),(2,0))'],
  path: ['[(0,0),(1,1)]', '((0,0),(1,1))'],
  circle: ['<(1,2),3>'],
  line: ['{1,2,3}'],
  lseg: ['[(1,2),(3,4)]'],
  money: ['-1234.56', '0'],
  numeric: ['NaN', '-Infinity', '1.50', '-0.0000000001', '123456789012345678901234567890.5'],
  float8: ['1e300', '0.1', '-0', 'NaN', 'Infinity'],
  float4: ['0.1', '1e30'],
  inet: ['10.0.0.1', '10.0.0.0/8', '2001:db8::/32', '::ffff:1.2.3.4'],
  macaddr8: ['08:00:2b:01:02:03:04:05'],
  tsvector: ["'a':1A 'b c':2 'd''e'"],
  tsquery: ["'a' & !'b'", ''],
  xml: ['<a b="1">é</a>', 'text'],
  text: ['', 'NULL', '"{}\\,', 'a\nb\tc', '{1,2}', '[1]'],
  hstore: ['"a"=>"1", "b"=>NULL, "c d"=>"x\\"y\\\\z, =>"', ''],
  int4range: ['[1,5)', 'empty', '(,3)', '(,)'],
  numrange: ['(1.50,2.5]', '[1,)'],
  tstzrange: ['["2026-01-01 00:00:00.5+01","2026-02-01 00:00:00+00")', '["0044-03-15 BC",infinity)'],
  tsrange: ['["2026-01-01 00:00:00","2026-02-01 00:00:00")'],
  daterange: ['[2026-01-01,2026-02-01)', '(,)'],
  int4multirange: ['{[1,3),[5,7)}', '{}'],
  pg_snapshot: ['10:20:10,14,15'],
  txid_snapshot: ['10:20:10,14,15'],
  aclitem: ['=r/postgres'],
  refcursor: ['c'],
  mood: ['so so', 'it\'s "fine"'],
  pair: ['(1,"a, ""b""")', '(,)'],
  textrange: ['["a b",c)', '[a,"b,c"]'],
  address: ['a@b.c'],
  numbers: ['{1,2}'],
  rows: ['{"{1,2}","{3}"}'],
  price: ['NaN', '1.50'],
};
const common = [
  '1',
  'a',
  '(1,2)',
  '12:30:00',
  '2026-01-01',
  '10.0.0.0/8',
  '08:00:2b:01:02:03',
  '0/1',
  '$.a',
  'pg_class',
  'now',
  '{}',
  'sum(int4)',
  'pg_catalog',
  'simple',
  '+(int4,int4)',
  '550e8400-e29b-41d4-a716-446655440000',
  '1.2',
  't',
];

const own = [
  'CREATE DOMAIN price AS numeric(10, 2)',
  'CREATE EXTENSION hstore',
  'CREATE EXTENSION citext',
  `CREATE TYPE mood AS ENUM ('so so', 'it''s "fine"')`,
  'CREATE TYPE pair AS (number integer, name text)',
  'CREATE TYPE textrange AS RANGE (subtype = text)',
  "CREATE DOMAIN address AS varchar(50) CHECK (VALUE LIKE '%@%')",
  'CREATE DOMAIN numbers AS integer[]',
  'CREATE DOMAIN moment AS timestamp without time zone',
];

const typesSql = `
  SELECT t.typname AS name, format('%I.%I', n.nspname, t.typname) AS type, t.typarray <> 0 AS "hasArray"
  FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
  WHERE n.nspname IN ('pg_catalog', 'public') AND t.typtype <> 'p' AND (c.oid IS NULL OR c.relkind = 'c')
    AND NOT EXISTS (SELECT FROM pg_type item WHERE item.typarray = t.oid) ORDER BY t.typname`;

/** Inserts what the type takes, and passes over all else. */
const fillSql = (table: string, column: string, texts: readonly string[]) => `DO $do$ DECLARE value text; BEGIN
  FOR value IN SELECT json_array_elements_text('${JSON.stringify(texts).replaceAll("'", "''")}'::json) LOOP
    BEGIN EXECUTE format('INSERT INTO "${table}" (id, "${column}") SELECT coalesce(max(id), 0) + 1, %L FROM "${table}"', value);
    EXCEPTION WHEN OTHERS THEN NULL; END;
  END LOOP; END $do$`;

describe('columns of every type that PostgreSQL has', () => {
  let db: TestDatabase;
  let tables: string[];
  const withArrays = new Set<string>();
  beforeAll(async () => {
    db = await createDatabase('postgres');
    for (const sql of own) await db.query(sql);
    const types = await db.query(typesSql);
    tables = [];
    withArrays.clear();
    for (const { name, type, hasArray } of types) {
      const table = `t ${name}`;
      const array = hasArray ? `, several ${type}[], grid ${type}[][]` : '';
      await db.query(`CREATE TABLE "${table}" (id integer PRIMARY KEY, v ${type}${array})`).then(
        () => {
          tables.push(table);
          if (hasArray) withArrays.add(table);
        },
        () => undefined,
      );
    }
  });
  afterAll(() => db.drop());

  const contents = async () =>
    (
      await db.query(
        tables
          .map((table) => `SELECT '${table}' AS name, id, format('%s', t.*) AS row FROM "${table}" t`)
          .join(' UNION ALL ')
          .concat(' ORDER BY name, id'),
      )
    ).map(({ name, row }) => `${name}: ${row}`);
  const dump = async (...args: string[]) => {
    const { stdout, stderr, exitCode } = await manage(['--introspect', 'dumpdata', 'tables', ...args], { db });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    return stdout;
  };

  test('are dumped, loaded and dumped again as they were, in every format', async () => {
    expect(tables.length).toBeGreaterThan(60);
    const empty: string[] = [];
    for (const table of tables) await db.query(fillSql(table, 'v', samples[table.slice(2)] ?? common));
    const filled = new Set((await contents()).map((line) => line.slice(0, line.indexOf(':'))));
    for (const table of tables) {
      const name = table.slice(2);
      if (!filled.has(table)) empty.push(name);
      // Arrays of vectors and of arrays are arrays of what they are made of.
      if (!withArrays.has(table) || !filled.has(table) || /vector$|^numbers$/.test(name)) continue;
      await db.query(
        `WITH made AS (SELECT array_agg(v ORDER BY id) || NULL AS several FROM "${table}")
         INSERT INTO "${table}" (id, several, grid)
         SELECT 1001, several, NULL FROM made UNION ALL SELECT 1002, '{}', ARRAY[several, several] FROM made
         UNION ALL SELECT 1003, ARRAY[several, several], several FROM made`,
      );
    }
    await db.query(`INSERT INTO "t int4" (id, several) VALUES (2000, '[0:2]={1,2,3}')`);
    await db.query(`INSERT INTO "t numbers" (id, several) VALUES (2000, '{"{1,2}","{3}"}')`);
    await db.query(`INSERT INTO "t pair" (id, v) VALUES (2000, ROW(NULL, NULL))`);
    await db.query(`INSERT INTO "t date" (id, several) VALUES (2000, '{infinity,2026-01-01,0044-03-15 BC}')`);
    expect(empty.sort()).toEqual(withoutValues.filter((name) => tables.includes(`t ${name}`)).sort());
    const before = await contents();
    for (const format of ['json', 'jsonl', 'yaml', 'xml']) {
      const text = await dump('--format', format);
      const cwd = temporaryFolder({ [`all.${format}`]: text });
      await db.query(`TRUNCATE ${tables.map((table) => `"${table}"`).join(', ')}`);
      const loaded = await manage(['--introspect', 'loaddata', 'all', '-v0'], { db, cwd });
      expect({ format, stderr: loaded.stderr, exitCode: loaded.exitCode }).toEqual({ format, stderr: '', exitCode: 0 });
      expect(await contents()).toEqual(before);
      if (format === 'json') expect(await dump()).toBe(text);
    }
  });

  test('are the same with --pks, and whatever the database tells its sessions', async () => {
    const json = await dump();
    const records: { model: string; pk: number; fields: unknown }[] = JSON.parse(
      json.replaceAll(/-?(?:NaN|Infinity)(?=[,}])/g, 'null'),
    );
    for (const model of ['tinterval', 'ttstzrange', 'ttimestamp', 'thstore', 'tbytea', 'ttimestamptz']) {
      const own = records.filter((record) => record.model.endsWith(`.${model}`));
      expect(own.length).toBeGreaterThan(0);
      const { stdout } = await manage(
        ['--introspect', 'dumpdata', own[0]?.model ?? '', '--pks', own.map(({ pk }) => pk).join(',')],
        { db },
      );
      expect(JSON.parse(stdout)).toEqual(own);
    }
    const name = decodeURIComponent(new URL(db.url).pathname.slice(1));
    for (const setting of [
      "timezone = 'Asia/Tokyo'",
      "datestyle = 'German'",
      "intervalstyle = 'sql_standard'",
      "bytea_output = 'escape'",
    ]) {
      await db.query(`ALTER DATABASE "${name}" SET ${setting}`);
    }
    expect(await dump()).toBe(json);
    expect(await dump('--no-snapshot')).toBe(json);
  });
});
