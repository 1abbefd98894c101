import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { catalogueSql } from '../helpers/catalogue.js';
import { createDatabase, forEachEngine, type TestDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';
import { packStates, type State, stateOf, statesFile } from '../helpers/states.js';

const script = readFileSync(join(import.meta.dirname, 'states.py'), 'utf8');

forEachEngine((engine) => {
  let db: TestDatabase;
  beforeEach(async () => {
    db = await createDatabase(engine);
  });
  afterEach(() => db.drop());

  it("has in the golden file what Django's migrations make, at every state", async () => {
    const made = await djangoSite(db).evaluate(`sql = ${JSON.stringify(catalogueSql[engine])}\n${script}`);
    const states = (raw: Record<string, Parameters<typeof stateOf>[2] & State>) =>
      Object.fromEntries(
        Object.entries(raw).map(([key, state]) => [key, stateOf(state.schema, state.recorded, state)]),
      );
    const packed = packStates({
      order: made.order,
      forwards: states(made.forwards),
      backwards: states(made.backwards),
    });
    if (process.env.UPDATE_GOLDEN) writeFileSync(statesFile(engine), `${JSON.stringify(packed, null, 1)}\n`);
    expect(packed).toEqual(JSON.parse(readFileSync(statesFile(engine), 'utf8')));
  });
});
