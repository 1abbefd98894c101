import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { catalogueSql } from '../helpers/catalogue.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';

const script = readFileSync(join(import.meta.dirname, 'models.py'), 'utf8');

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  it('has in the golden file what Django makes of awkward models', async () => {
    const made = await djangoSite(db).evaluate(`sql = ${JSON.stringify(catalogueSql[engine])}\n${script}`);
    const golden = join(import.meta.dirname, `../data/golden/models/${engine}.json`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, `${JSON.stringify(made, null, 1)}\n`);
    expect(made).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
  });
});
