import type { Connection } from '../../db/connect/connection.js';
import type { IntrospectedTable, Introspection } from '../../db/introspection/introspection.js';
import { primaryKeyOf } from '../../db/introspection/models.js';
import { type ColumnReference, countDangling, deleteDanglingSql } from '../../db/references/dangling.js';
import { CommandError } from '../../errors.js';
import { findModel, referredField } from '../../registry/define.js';
import type { Field, Model, Registry } from '../../registry/types.js';
import { counted } from '../../text.js';
import { type Finding, finding } from './finding.js';

type Tables = Introspection['tables'];

const nameOf = ({ from, columns }: ColumnReference) => `${from}.${columns.join(',')}`;

function constraintsOf({ name, constraints }: IntrospectedTable, tables: Tables): ColumnReference[] {
  return constraints.flatMap(({ columns, references }) => {
    if (references === undefined) return [];
    const target = tables.get(references.table);
    const key = target === undefined ? [] : primaryKeyOf(target);
    const toColumns = references.columns.length > 0 ? references.columns : key;
    return [{ from: name, columns, to: references.table, toColumns }];
  });
}

/** References of models, and of their many-to-many relations, that the database does not watch over. */
function declaredReferences(registry: Registry, models: readonly Model[]): ColumnReference[] {
  const key = (label: string, field: Pick<Field, 'toField'>) => {
    const model = findModel(registry, label);
    return model?.managed ? { to: model.table, toColumns: [referredField(model, field).column] } : undefined;
  };
  const reference = (
    from: string,
    column: string,
    label: string,
    field: Pick<Field, 'toField'> = {},
  ): ColumnReference[] => {
    const target = key(label, field);
    return target === undefined ? [] : [{ from, columns: [column], ...target }];
  };
  return models.flatMap(({ label, table, fields, manyToMany }) => [
    ...fields.flatMap((field) =>
      field.to === undefined || field.dbConstraint === false ? [] : reference(table, field.column, field.to, field),
    ),
    ...manyToMany
      .filter(({ through }) => through === undefined)
      .flatMap((relation) => [
        ...reference(relation.table, relation.column, label),
        ...reference(relation.table, relation.reverseColumn, relation.to),
      ]),
  ]);
}

/** Whether all columns are there and of one type, so that they can be compared. */
function isComparable({ from, columns, to, toColumns }: ColumnReference, tables: Tables): boolean {
  const typeOf = (table: string, column: string) => {
    const type = tables
      .get(table)
      ?.columns.find(({ name }) => name === column)
      ?.type.toLowerCase();
    return type === undefined ? undefined : /^(?:small|big)?int(?:eger)?$/.test(type) ? 'integer' : type;
  };
  return (
    columns.length === toColumns.length &&
    columns.every((column, at) => {
      const type = typeOf(from, column);
      return type !== undefined && type === typeOf(to, toColumns[at] ?? '');
    })
  );
}

async function danglingRows(
  connection: Connection,
  reference: ColumnReference,
  tables: Tables,
  place: string,
): Promise<Finding[]> {
  const rows = await countDangling(connection, reference);
  if (rows === 0) return [];
  const what = `${counted(rows, 'row')} ${rows === 1 ? 'refers' : 'refer'} to rows of '${reference.to}' that do not exist ${place}.`;
  const sql = deleteDanglingSql(connection.dialect, reference);
  const isReferredTo = [...tables.values()].some((table) =>
    constraintsOf(table, tables).some(({ to }) => to === reference.from),
  );
  const these = isReferredTo ? 'these, and before them what refers to them,' : 'these';
  return [
    finding('E022', nameOf(reference), what, `Make those rows again, or remove ${these.replace(/,$/, '')}: ${sql}`, {
      sql,
      these,
    }),
  ];
}

/** The foreign keys whose table is not there: as SQLite left them that followed a renamed table. */
export function lostTargets({ tables, outside }: Introspection, place: string): Finding[] {
  // What cannot be seen without its schema may well be there.
  const isElsewhere = (from: string) => outside.some(({ table }) => table === from);
  return [...tables.values()].flatMap((table) =>
    table.kind !== 'table' || isElsewhere(table.name)
      ? []
      : constraintsOf(table, tables)
          .filter(({ to }) => to !== '' && !hasTable(tables, to))
          .map((reference) => {
            const meant = reference.to.replace(/__old$|_old$/, '');
            const right = meant !== reference.to && hasTable(tables, meant) ? `'${meant}'` : 'the table that is meant';
            return finding(
              'E021',
              nameOf(reference),
              `The foreign key refers to the table '${reference.to}', which does not exist ${place}.`,
              `Rebuild the table with a reference to ${right}: create it under another name, copy the rows, drop this one and rename the new one.`,
            );
          }),
  );
}

const hasTable = (tables: Tables, name: string) =>
  tables.has(name) || [...tables.keys()].some((each) => each.toLowerCase() === name.toLowerCase());

/**
 * Finds rows that refer to nothing, whatever the database has let happen, and foreign keys of these models that are
 * checked at each statement, so that rows can only be loaded in the order of their references.
 */
export async function oddReferences(
  connection: Connection,
  models: readonly Model[],
  { tables }: Introspection,
  { place, all }: { readonly place: string; readonly all: boolean },
): Promise<Finding[]> {
  const { registry } = connection;
  const own = new Set(
    models.flatMap(({ table, manyToMany }) => [
      table,
      ...manyToMany.filter(({ through }) => through === undefined).map((relation) => relation.table),
    ]),
  );
  const ofDatabase = [...tables.values()]
    .filter(({ name, kind }) => kind === 'table' && (all || own.has(name)))
    .flatMap((table) => constraintsOf(table, tables));
  const declared = declaredReferences(registry, models).filter(
    (each) => !ofDatabase.some((other) => nameOf(other) === nameOf(each) && other.to === each.to),
  );
  const findings: Finding[] = [];
  for (const reference of [...ofDatabase, ...declared]) {
    if (tables.get(reference.to)?.kind !== 'table' || !isComparable(reference, tables)) continue;
    findings.push(...(await danglingRows(connection, reference, tables, place).catch(unreadable)));
  }
  return [...findings, ...undeferred(connection, own, tables, place)];
}

/** A table that may not be read is no reason to say nothing of the others. */
export function unreadable(error: unknown): Finding[] {
  if (error instanceof CommandError) return [];
  throw error;
}

function undeferred(
  { dialect }: Pick<Connection, 'dialect'>,
  own: ReadonlySet<string>,
  tables: Tables,
  place: string,
): Finding[] {
  // Where loads here can wait for the commit, Django's still cannot.
  const consequence = dialect.features.immediateReferences
    ? 'rows can only be loaded after those that they refer to.'
    : 'Django, which does not put that off, can only load rows after those that they refer to.';
  return [...tables.values()]
    .filter(({ name, kind }) => kind === 'table' && own.has(name))
    .flatMap(({ name: table, constraints }) =>
      constraints
        .filter(({ kind, deferred }) => kind === 'foreign' && deferred === false)
        .map(({ name, columns }) =>
          finding(
            'W046',
            `${table}.${columns.join(',')}`,
            `The foreign key${name === undefined ? '' : ` "${name}"`} is not deferrable ${place}: ${consequence}`,
            "Make it DEFERRABLE INITIALLY DEFERRED, as Django's are.",
          ),
        ),
    );
}
