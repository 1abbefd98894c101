import type { IntrospectedColumn, IntrospectedConstraint, IntrospectedTable } from '../introspection/introspection.js';

/** One way in which a table in the database is not what it should be. */
export type Difference =
  | { readonly kind: 'missing_table'; readonly table: string }
  | { readonly kind: 'not_a_table'; readonly table: string; readonly is: 'view' | 'virtual table' }
  | { readonly kind: 'missing_column'; readonly table: string; readonly column: string }
  /** `required`: rows cannot be added without a value for it, and there is none. */
  | { readonly kind: 'extra_column'; readonly table: string; readonly column: string; readonly required: boolean }
  | {
      readonly kind: 'type' | 'null' | 'generated';
      readonly table: string;
      readonly column: string;
      readonly expected: string;
      readonly actual: string;
    }
  | { readonly kind: 'missing_constraint'; readonly table: string; readonly constraint: IntrospectedConstraint };

/** Generated integer keys of any width will do: projects choose it, and Django's default has changed. */
function sameType(expected: IntrospectedColumn, actual: IntrospectedColumn, isKey: boolean): boolean {
  const [wanted, found] = [expected.type.toLowerCase(), actual.type.toLowerCase()];
  return wanted === found || (isKey && isInteger(wanted) && isInteger(found));
}

const isInteger = (type: string) => /^(?:smallint|integer|bigint)$/.test(type);

const nullText = (isNull: boolean) => (isNull ? 'NULL' : 'NOT NULL');

function compareColumn(
  table: string,
  expected: IntrospectedColumn,
  actual: IntrospectedColumn,
  isKey: boolean,
): Difference[] {
  const at = { table, column: expected.name };
  const differences: Difference[] = [];
  if (!sameType(expected, actual, isKey)) {
    differences.push({ kind: 'type', ...at, expected: expected.type, actual: actual.type });
  }
  if (expected.null !== actual.null) {
    differences.push({ kind: 'null', ...at, expected: nullText(expected.null), actual: nullText(actual.null) });
  }
  if (expected.generated && !actual.generated && actual.default === undefined) {
    differences.push({ kind: 'generated', ...at, expected: 'generated', actual: 'not generated' });
  }
  return differences;
}

const sameNames = (a: readonly string[], b: readonly string[]) =>
  a.length === b.length && a.every((name, index) => name.toLowerCase() === b[index]?.toLowerCase());

/** Whether what is there does what is expected. Names do not count: Django's own have changed over time. */
function satisfies(expected: IntrospectedConstraint, actual: IntrospectedConstraint): boolean {
  const alike = sameNames(expected.columns, actual.columns) && expected.definition === actual.definition;
  switch (expected.kind) {
    case 'foreign':
      return (
        actual.kind === 'foreign' &&
        alike &&
        expected.references?.table.toLowerCase() === actual.references?.table.toLowerCase() &&
        // Without columns it means the primary key.
        (actual.references?.columns.length === 0 ||
          sameNames(expected.references?.columns ?? [], actual.references?.columns ?? []))
      );
    case 'unique':
      return alike && (actual.kind === 'unique' || actual.kind === 'primary');
    case 'index':
      return alike && (actual.kind === 'index' || actual.kind === 'unique' || actual.kind === 'primary');
    default:
      return actual.kind === expected.kind && alike;
  }
}

/**
 * What is wrong with a table, given what it should be. Differences that matter to nobody are none: the order of columns,
 * names of constraints and indexes, further indexes and constraints, defaults.
 */
export function compareTable(expected: IntrospectedTable, actual: IntrospectedTable | undefined): Difference[] {
  const table = expected.name;
  if (actual === undefined) return [{ kind: 'missing_table', table }];
  if (actual.kind !== 'table' && actual.kind !== 'partition') {
    return [{ kind: 'not_a_table', table, is: actual.kind === 'view' ? 'view' : 'virtual table' }];
  }
  const keys = new Set(
    expected.constraints
      .filter(({ kind }) => kind === 'primary' || kind === 'foreign')
      .flatMap(({ columns }) => columns.map((column) => column.toLowerCase())),
  );
  const find = (columns: readonly IntrospectedColumn[], name: string) =>
    columns.find((column) => column.name.toLowerCase() === name.toLowerCase());
  const missing = new Set<string>();
  const differences: Difference[] = [];
  for (const column of expected.columns) {
    const found = find(actual.columns, column.name);
    if (found === undefined) {
      missing.add(column.name);
      differences.push({ kind: 'missing_column', table, column: column.name });
    } else {
      differences.push(...compareColumn(table, column, found, keys.has(column.name.toLowerCase())));
    }
  }
  for (const column of actual.columns) {
    // What the database computes by itself is in nobody's way.
    if (find(expected.columns, column.name) !== undefined || column.computed) continue;
    const required = !column.null && column.default === undefined && !column.generated;
    differences.push({ kind: 'extra_column', table, column: column.name, required });
  }
  for (const constraint of expected.constraints) {
    if (constraint.columns.some((column) => missing.has(column))) continue;
    if (!actual.constraints.some((each) => satisfies(constraint, each))) {
      differences.push({ kind: 'missing_constraint', table, constraint });
    }
  }
  return differences;
}
