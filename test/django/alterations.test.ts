import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { alterations } from '../helpers/alterations.js';
import { catalogueSql } from '../helpers/catalogue.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';

const script = readFileSync(join(import.meta.dirname, 'alterations.py'), 'utf8');

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  it('has in the golden file what Django makes of altered tables', async () => {
    const given = `import json\nalterations = json.loads(${JSON.stringify(JSON.stringify(alterations))})`;
    const made = await djangoSite(db).evaluate(`${given}\nsql = ${JSON.stringify(catalogueSql[engine])}\n${script}`);
    const golden = join(import.meta.dirname, `../data/golden/alterations/${engine}.json`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, `${JSON.stringify(made, null, 1)}\n`);
    expect(made).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
  });
});
