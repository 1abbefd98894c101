import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { coreApps } from '../../src/registry/core.js';
import { createRegistry } from '../../src/registry/define.js';
import type { Field, ManyToMany, Model } from '../../src/registry/types.js';
import { createDatabase } from '../helpers/databases.js';
import { djangoSite } from '../helpers/django.js';

const fieldOf = (field: Field) => ({
  name: field.name,
  type: field.type,
  column: field.column,
  maxLength: field.maxLength ?? null,
  null: field.null,
  blank: field.blank,
  unique: field.unique,
  primaryKey: field.primaryKey,
  dbIndex: field.dbIndex,
  verboseName: field.verboseName,
  to: field.to ?? null,
  onDelete: field.onDelete ?? null,
  default: field.default === undefined ? null : 'value' in field.default ? field.default : 'computed',
});

const relationOf = ({ name, to, table, column, reverseColumn, verboseName, through }: ManyToMany) => ({
  name,
  to,
  table,
  column,
  reverseColumn,
  verboseName,
  own: through !== undefined,
});

const modelOf = (model: Model) => ({
  label: model.label,
  name: model.name,
  table: model.table,
  verboseName: model.verboseName,
  verboseNamePlural: model.verboseNamePlural,
  ordering: model.ordering,
  uniqueTogether: model.uniqueTogether,
  defaultPermissions: model.defaultPermissions,
  permissions: model.permissions,
  managed: model.managed,
  fields: model.fields.map(fieldOf),
  manyToMany: model.manyToMany.map(relationOf),
});

/** `blank` of an automatic key is Django's own affair: nobody fills it in. */
const comparable = (app: { models: { fields: { primaryKey: boolean; blank: boolean; type: string }[] }[] }) => ({
  ...app,
  models: app.models.map((model) => ({
    ...model,
    fields: model.fields.map((field) => (field.type === 'AutoField' ? { ...field, blank: true } : field)),
  })),
});

it("says of Django's models what Django says", async () => {
  const db = await createDatabase('sqlite');
  const said = await djangoSite(db).evaluate(readFileSync(join(import.meta.dirname, 'registry.py'), 'utf8'));
  const own = createRegistry(coreApps).apps.map(({ label, verboseName, models }) => ({
    label,
    verboseName,
    models: models.map(modelOf),
  }));
  expect(own.map(comparable)).toEqual(said.map(comparable));
  await db.drop();
});
