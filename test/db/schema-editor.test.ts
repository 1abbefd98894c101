import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/db/connect/connect.js';
import type { Connection } from '../../src/db/connect/connection.js';
import type { SchemaEditor } from '../../src/db/schema/schema-editor.js';
import { tablesOf } from '../../src/db/schema/tables.js';
import { transaction } from '../../src/db/transactions/transaction.js';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import { type Alteration, alterations, fillOf, tableOf } from '../helpers/alterations.js';
import { awkward } from '../helpers/awkward.js';
import { readCatalogue } from '../helpers/catalogue.js';
import { createDatabase, type Engine, forEachEngine, sqliteDriver } from '../helpers/databases.js';
import { migrateTo } from '../helpers/migrations.js';

const maxNameLength: Record<Engine, number | undefined> = { sqlite: undefined, postgres: 63, mariadb: 64 };

forEachEngine((engine) => {
  const undo: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const step of undo.splice(0).reverse()) await step();
  });

  describe('the tables of awkward models', () => {
    it("are Django's, object by object", async () => {
      const database = await createDatabase(engine);
      const registry = createRegistry([...coreApps, awkward], 'auth.user', { maxNameLength: maxNameLength[engine] });
      const connection: Connection = await connect(database.settings, registry, { driver: sqliteDriver });
      undo.push(
        () => database.drop(),
        () => connection.close(),
      );
      await migrateTo({ ...connection, registry: createRegistry(coreApps) });
      const known = new Set(tablesOf(createRegistry(coreApps)).map(({ name }) => name));
      const tables = tablesOf(registry).filter(({ name }) => !known.has(name));
      await transaction(
        connection,
        async ({ db: executor }) => {
          const editor = await connection.dialect.editor(executor);
          for (const table of tables) await editor.createTable(table);
          await editor.finish();
        },
        { mode: 'schema' },
      );
      const golden = new URL(`../data/golden/models/${engine}.json`, import.meta.url);
      expect(await readCatalogue(database)).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
    });
  });

  describe('tables altered in every way', () => {
    it("are Django's, object by object", async () => {
      const database = await createDatabase(engine);
      const connection = await connect(database.settings, createRegistry(coreApps), { driver: sqliteDriver });
      undo.push(
        () => database.drop(),
        () => connection.close(),
      );
      await migrateTo(connection);
      const change = (work: (editor: SchemaEditor) => Promise<void>) =>
        transaction(
          connection,
          async ({ db: executor }) => {
            const editor = await connection.dialect.editor(executor);
            await work(editor);
            await editor.finish();
          },
          { mode: 'schema' },
        );
      for (const [index, alteration] of alterations.entries()) {
        await change((editor) => editor.createTable(beforeOf(alteration, index)));
        await change((editor) => alter(editor, alteration, index));
      }
      const golden = new URL(`../data/golden/alterations/${engine}.json`, import.meta.url);
      const django = JSON.parse(readFileSync(golden, 'utf8'));
      for (const object of mended[engine]) {
        expect(django[object.name]).toBe(object.django);
        django[object.name] = object.here;
      }
      const withoutNone = Object.fromEntries(Object.entries(django).filter(([, text]) => text !== undefined));
      expect(await readCatalogue(database)).toEqual(withoutNone);
    });
  });
});

/** What Django does by accident: it indexes beginnings of long texts, and loses a check with the change of a type. */
const mended: Record<Engine, { name: string; django: string | undefined; here: string | undefined }[]> = {
  sqlite: [],
  postgres: [],
  mariadb: [
    { name: 'index altered_t9 altered_t9_x_9ce151e9', django: '1 x A 768', here: undefined },
    { name: 'check altered_t14 x', django: undefined, here: '`x` >= 0' },
  ],
};

const pair = { uniqueTogether: [['b', 'a']] };
const byIndex = { columns: ['b', '-a'] };

function beforeOf(alteration: Alteration, index: number) {
  switch (alteration.kind) {
    case 'add':
      return tableOf(index, undefined);
    case 'unique':
      return tableOf(index, undefined, alteration.action === 'drop' ? pair : {});
    case 'index':
      return tableOf(index, undefined, alteration.action === 'drop' ? { indexes: [byIndex] } : {});
    default:
      return tableOf(index, alteration.before);
  }
}

async function alter(editor: SchemaEditor, alteration: Alteration, index: number): Promise<void> {
  const before = beforeOf(alteration, index);
  switch (alteration.kind) {
    case 'alter':
      return editor.alterColumn(before, tableOf(index, alteration.after), 'x', fillOf(alteration.fill));
    case 'add':
      return editor.addColumn(tableOf(index, alteration.after), 'x', fillOf(alteration.fill));
    case 'drop':
      return editor.dropColumn(before, 'x');
    case 'unique':
      if (alteration.action === 'add') return editor.addUniqueTogether(tableOf(index, undefined, pair), ['b', 'a']);
      return editor.dropUniqueTogether(before, ['b', 'a']);
    case 'index':
      if (alteration.action === 'add') return editor.addIndex(tableOf(index, undefined), byIndex);
      return editor.dropIndex(before, byIndex);
  }
}
