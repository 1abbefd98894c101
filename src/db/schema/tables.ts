import { isComposite } from '../../registry/composite-key.js';
import { findModel, referredField, storedField } from '../../registry/define.js';
import { referredType } from '../../registry/field-types.js';
import type { Field, ManyToMany, Model, Registry } from '../../registry/types.js';
import type { ColumnDefinition, ColumnType, TableDefinition } from './schema-editor.js';

/** Where a column of this type would refer to something, its `type` is that of what it refers to. */
const columnTypeOf = (field: Field): ColumnType => {
  if (field.type === 'ForeignKey' || field.type === 'OneToOneField' || field.type === 'CompositePrimaryKey') {
    throw new Error(`The field '${field.name}' has no type of its own: it is stored as others are.`);
  }
  return field.type;
};

/** What decides how values of the field are stored, without what the column is to its table. */
function storage(field: Field): Omit<ColumnDefinition, 'name'> {
  const { maxLength, maxDigits, decimalPlaces, baseField, dbType } = field;
  return {
    type: columnTypeOf(field),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(maxDigits === undefined ? {} : { maxDigits }),
    ...(decimalPlaces === undefined ? {} : { decimalPlaces }),
    ...(baseField === undefined ? {} : { baseField }),
    ...(dbType === undefined ? {} : { dbType }),
  };
}

function columnOf(registry: Registry, field: Field): ColumnDefinition {
  const target = field.to === undefined ? undefined : findModel(registry, field.to);
  const constrained = target !== undefined && field.dbConstraint !== false;
  return {
    name: field.column,
    ...storage(storedField(registry, field)),
    null: field.null,
    unique: field.unique && !field.primaryKey,
    index: field.dbIndex,
    primaryKey: field.primaryKey,
    // Without a constraint it is still stored as a plain integer, not as a key of its own.
    ...(target === undefined ? {} : plainKey(storage(storedField(registry, field)))),
    ...(constrained ? { references: { table: target.table, column: referredField(target, field).column } } : {}),
  };
}

const plainKey = ({ type }: Pick<ColumnDefinition, 'type'>) => ({ type: referredType(type) as ColumnType });

/** The table of a model as Django would make it. */
export function modelTable(registry: Registry, model: Model): TableDefinition {
  const columns = (names: readonly string[]) =>
    names.map((name) => {
      const descending = name.startsWith('-');
      const field = model.fields.find((each) => each.name === (descending ? name.slice(1) : name));
      return `${descending ? '-' : ''}${field?.column ?? name}`;
    });
  return {
    name: model.table,
    ...(model.schema === undefined ? {} : { schema: model.schema }),
    columns: model.fields.map((field) => columnOf(registry, field)),
    ...(isComposite(model) ? { primaryKey: model.keyFields.map(({ column }) => column) } : {}),
    uniqueTogether: model.uniqueTogether.map(columns),
    indexes: model.indexes.map((index) => ({
      ...(index.name === undefined ? {} : { name: index.name }),
      columns: columns(index.fields),
    })),
  };
}

/** The join table of a many-to-many relation; undefined where it is a model of its own. */
export function joinTable(registry: Registry, model: Model, relation: ManyToMany): TableDefinition | undefined {
  const target = findModel(registry, relation.to);
  if (relation.through !== undefined || target === undefined) return undefined;
  const reference = (name: string, to: Model): ColumnDefinition => ({
    name,
    ...storage(storedField(registry, to.primaryKey)),
    references: { table: to.table, column: to.primaryKey.column },
  });
  return {
    name: relation.table,
    ...(model.schema === undefined ? {} : { schema: model.schema }),
    columns: [
      { name: relation.keyColumn, type: relation.autoField, primaryKey: true },
      reference(relation.column, model),
      reference(relation.reverseColumn, target),
    ],
    uniqueTogether: [[relation.column, relation.reverseColumn]],
  };
}

/** Every table that the registry's managed models have, in its order: a model's, then those of its relations. */
export function tablesOf(registry: Registry): TableDefinition[] {
  return registry.models
    .filter((model) => model.managed)
    .flatMap((model) => [
      modelTable(registry, model),
      ...model.manyToMany
        .map((relation) => joinTable(registry, model, relation))
        .filter((table) => table !== undefined),
    ]);
}

/** The table in which applied migrations are recorded (Django 5.2 db/migrations/recorder.py). */
export const migrationsTable: TableDefinition = {
  name: 'django_migrations',
  columns: [
    { name: 'id', type: 'BigAutoField', primaryKey: true },
    { name: 'app', type: 'CharField', maxLength: 255 },
    { name: 'name', type: 'CharField', maxLength: 255 },
    { name: 'applied', type: 'DateTimeField' },
  ],
};
