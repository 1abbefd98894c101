import { findModel } from './define.js';
import type { Field, ManyToMany, Model, Registry } from './types.js';

/** Each made once, so that two who ask for one have the same. */
const made = new WeakMap<ManyToMany, Model>();

/** The models that Django makes by itself for the join tables of relations, such as `auth.user_groups`. */
export function joinModels({ models }: Pick<Registry, 'models'>): Model[] {
  return models.flatMap((model) =>
    model.manyToMany
      .filter(({ through }) => through === undefined)
      .map((relation) => {
        const join = made.get(relation) ?? joinModelOf(model, relation);
        made.set(relation, join);
        return join;
      }),
  );
}

/** The model that has this label, in any case of letters, be it one of an app or that of a join table. */
export function findRowModel(registry: Registry, label: string): Model | undefined {
  return findModel(registry, label) ?? joinModels(registry).find((join) => join.label === label.toLowerCase());
}

/** Django 5.2 db/models/fields/related.py, create_many_to_many_intermediary_model. */
function joinModelOf(model: Model, relation: ManyToMany): Model {
  const target = relation.toProxy ?? relation.to;
  const other = target.slice(target.indexOf('.') + 1);
  const [from, to] = other === model.modelName ? [`from_${other}`, `to_${other}`] : [model.modelName, other];
  const plain = { null: false, blank: false, unique: false, dbIndex: false, primaryKey: false };
  const id: Field = {
    ...plain,
    name: 'id',
    column: relation.keyColumn,
    type: relation.autoField,
    primaryKey: true,
    unique: true,
    verboseName: 'ID',
  };
  const reference = (name: string, column: string, label: string): Field => ({
    ...plain,
    name,
    column,
    type: 'ForeignKey',
    to: label,
    onDelete: 'CASCADE',
    dbIndex: true,
    verboseName: name,
  });
  const fields = [
    id,
    reference(from, relation.column, model.label),
    reference(to, relation.reverseColumn, relation.to),
  ];
  const name = `${model.name}_${relation.name}`;
  const verboseName = `${from}-${to} relationship`;
  return {
    app: model.app,
    name,
    modelName: name.toLowerCase(),
    label: `${model.app}.${name.toLowerCase()}`,
    table: relation.table,
    ...(model.schema === undefined ? {} : { schema: model.schema }),
    fields,
    dumped: fields,
    manyToMany: [],
    primaryKey: id,
    keyFields: [id],
    naturalKeyDependencies: [],
    ordering: [],
    uniqueTogether: [[from, to]],
    indexes: [],
    managed: model.managed,
    computed: [],
    personal: model.personal,
    verboseName,
    verboseNamePlural: `${verboseName}s`,
    defaultPermissions: [],
    permissions: {},
  };
}
