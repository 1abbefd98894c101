import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readCatalogue, withSortedColumns } from '../helpers/catalogue.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  it('has in the golden file what Django makes of a project with a user model of its own', async () => {
    const site = djangoSite(db, { userModel: 'members.Member' });
    await site.manage('makemigrations', 'members', '-v0');
    await site.manage('migrate', '-v0');
    const made = withSortedColumns(await readCatalogue(db));
    const golden = join(import.meta.dirname, `../data/golden/members/${engine}.json`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, `${JSON.stringify(made, null, 1)}\n`);
    expect(made).toEqual(JSON.parse(readFileSync(golden, 'utf8')));
  });
});
