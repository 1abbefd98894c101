import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { defineApp } from '../../src/registry/define.js';
import type { ElementDefinition, FieldDefinition } from '../../src/registry/types.js';
import { createDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';
import { manage, temporaryFolder } from '../helpers/manage.js';

const array = (baseField: ElementDefinition): FieldDefinition => ({ type: 'ArrayField', baseField, null: true });

/** test/django/site/shelf. */
const shelf = defineApp({
  label: 'shelf',
  models: {
    Item: {
      fields: {
        numbers: array({ type: 'IntegerField' }),
        names: {
          type: 'ArrayField',
          baseField: { type: 'CharField', maxLength: 20 },
          size: 8,
          default: { computed: 'emptyList' },
        },
        grid: array({ type: 'ArrayField', baseField: { type: 'BigIntegerField' } }),
        moments: array({ type: 'DateTimeField' }),
        days: array({ type: 'DateField' }),
        times: array({ type: 'TimeField' }),
        flags: array({ type: 'BooleanField' }),
        prices: array({ type: 'DecimalField', maxDigits: 12, decimalPlaces: 9 }),
        ratios: array({ type: 'FloatField' }),
        spans: array({ type: 'DurationField' }),
        keys: array({ type: 'UUIDField' }),
        addresses: array({ type: 'GenericIPAddressField' }),
        labels: { type: 'HStoreField', default: { computed: 'emptyObject' } },
        small: { type: 'IntegerRangeField', null: true },
        big: { type: 'BigIntegerRangeField', null: true },
        price: { type: 'DecimalRangeField', null: true },
        during: { type: 'DateTimeRangeField', null: true },
        season: { type: 'DateRangeField', null: true },
      },
    },
  },
});

const rows = [
  `(1, '{1,NULL,-3}', '{"a \\"b\\"","é,{}",NULL,"null"}', '{{1,2},{9223372036854775807,4}}',
    '{"2026-01-01 00:00:00+00","2026-03-29 01:30:00.5+00",NULL}', '{2026-01-01}', '{12:30:00,23:59:59.000001}', '{t,f,NULL}',
    '{1.500000000,0.000000001}', '{0.1,1e16,1e-7}', '{"1 day 02:03:04.000005","-1 days +23:59:59"}',
    '{550e8400-e29b-41d4-a716-446655440000}', '{10.0.0.1,2001:db8::1}', '"a"=>"1", "é \\"x\\""=>NULL', '[1,5)', '(,9223372036854775806]',
    '(1.50,2.5]', '["2026-01-01 00:00:00.5+00","2026-02-01 00:00:00+00")', '[2026-01-01,2026-02-01)')`,
  `(2, '{}', '{}', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '', 'empty', '(,)', '[1,1]', '(,)', NULL)`,
];

test('what manage writes of fields of PostgreSQL is what Django writes and reads, and the reverse', async () => {
  const db = await createDatabase('postgres');
  try {
    await db.query('CREATE EXTENSION hstore');
    const site = djangoSite(db, { env: { DJANGO_APPS: 'django.contrib.postgres shelf' } });
    await site.manage('migrate', '--run-syncdb', '-v0');
    for (const row of rows) await db.query(`INSERT INTO shelf_item VALUES ${row}`);
    const cwd = temporaryFolder({
      'shelf.json': JSON.stringify(shelf),
      'manage.config.ts': "import shelf from './shelf.json';\nexport default { apps: [shelf] };\n",
    });
    const contents = () => db.query("SELECT format('%s', i.*) AS row FROM shelf_item i ORDER BY id");
    const before = await contents();
    for (const format of ['json', 'jsonl', 'yaml', 'xml']) {
      const theirs = await site.manage('dumpdata', 'shelf', '--format', format);
      for (const options of [[], ['--introspect']]) {
        const ours = await manage([...options, 'dumpdata', 'shelf', '--format', format], { db, cwd });
        expect({ stderr: ours.stderr, stdout: ours.stdout.trimEnd() }).toEqual({
          stderr: '',
          stdout: theirs.trimEnd(),
        });
        await db.query('DELETE FROM shelf_item');
        const file = join(cwd, `items.${format}`);
        writeFileSync(file, theirs);
        const loaded = await manage([...options, 'loaddata', file, '-v0'], { db, cwd });
        expect(loaded).toMatchObject({ exitCode: 0, stderr: '' });
        expect(await contents()).toEqual(before);
        writeFileSync(file, ours.stdout);
        await db.query('DELETE FROM shelf_item');
        await site.manage('loaddata', file, '-v0');
        expect(await contents()).toEqual(before);
      }
    }
    const checked = await manage(['check', '--json'], { db, cwd });
    expect(checked.json.findings.filter(({ object }: { object: string }) => object.includes('shelf'))).toEqual([]);
  } finally {
    await db.drop();
  }
}, 120_000);
