import { expect, test } from 'vitest';
import { defineApp, defineConfig } from '../../src/index.js';
import { createDatabase } from '../helpers/databases.js';
import { manage } from '../helpers/manage.js';

test('definitions refuse unknown keys when they are compiled', () => {
  // @ts-expect-error: no such setting
  expect(defineConfig({ secretKey: 'x', sekretKey: 'y' })).toMatchObject({ secretKey: 'x' });
  // @ts-expect-error: no such property of a field
  const app = defineApp({ label: 'a', models: { M: { fields: { t: { type: 'CharField', maxLenght: 3 } } } } });
  expect(app.label).toBe('a');
  // @ts-expect-error: no such setting in what a function gives
  expect(defineConfig(() => ({ secretKey: 'x', sekretKey: 'y' }))({})).toMatchObject({ secretKey: 'x' });
  // @ts-expect-error: nor in what it gives later, or deeper
  expect(defineConfig(async () => ({ databases: { default: { url: 'x', prot: true } } }))({})).toBeInstanceOf(Promise);
  expect(defineConfig(({ X }) => ({ secretKey: `${X}` }))({ X: '1' })).toEqual({ secretKey: '1' });
});

test('a text without a length and a decimal without digits are found, and no SQL is made for them', async () => {
  const db = await createDatabase('sqlite');
  try {
    const fields = { title: { type: 'CharField' }, price: { type: 'DecimalField', maxDigits: 5 } } as const;
    const config = { apps: [{ label: 'shop', models: { Item: { fields } } }] };
    const { json } = await manage(['check', '--tag', 'models', '--json'], { db, config });
    expect(json.findings.map(({ object, message }: { object: string; message: string }) => [object, message])).toEqual([
      ['shop.item.title', 'The field has no `maxLength`.'],
      ['shop.item.price', 'The field has no `decimalPlaces`.'],
    ]);
    expect(await manage(['sqlall', 'shop'], { db, config })).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("The field 'title' of shop.item has no `maxLength`."),
    });
  } finally {
    await db.drop();
  }
});
