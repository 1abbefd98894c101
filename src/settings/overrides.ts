import type { FieldDefinition, ModelDefinition, ModelOverride } from '../registry/types.js';
import { knownNames } from '../text.js';
import { isRecord, type Problems } from './values.js';

const modelKeys: Readonly<Record<Exclude<keyof ModelDefinition, 'extends' | 'schema'> | 'rename', true>> = {
  rename: true,
  table: true,
  fields: true,
  primaryKey: true,
  manyToMany: true,
  naturalKey: true,
  naturalKeyDependencies: true,
  ordering: true,
  uniqueTogether: true,
  indexes: true,
  verboseName: true,
  verboseNamePlural: true,
  defaultPermissions: true,
  permissions: true,
  managed: true,
  computed: true,
  personal: true,
  auth: true,
  swappable: true,
};

const fieldKeys: Readonly<Record<keyof FieldDefinition | 'rename', true>> = {
  rename: true,
  type: true,
  column: true,
  maxLength: true,
  secret: true,
  maxDigits: true,
  decimalPlaces: true,
  baseField: true,
  size: true,
  dbType: true,
  null: true,
  blank: true,
  unique: true,
  dbIndex: true,
  primaryKey: true,
  default: true,
  dbDefault: true,
  computed: true,
  to: true,
  toField: true,
  dbConstraint: true,
  onDelete: true,
  parentLink: true,
  verboseName: true,
};

const isOverride = (value: unknown): value is ModelOverride =>
  isRecord(value) &&
  (value.rename === undefined || typeof value.rename === 'string') &&
  (value.fields === undefined || (isRecord(value.fields) && Object.values(value.fields).every(isRecord)));

function reportUnknown(value: object, known: object, where: string, problems: Problems): void {
  const names = Object.keys(known);
  for (const key of Object.keys(value)) {
    if (names.includes(key)) continue;
    problems.push(`\`${where}.${key}\` is unknown. ${knownNames(key, names)}`);
  }
}

/** What a project says about models of a database, by label in lower case. */
export function parseOverrides(value: Record<string, unknown>, problems: Problems): Record<string, ModelOverride> {
  const overrides: Record<string, ModelOverride> = {};
  for (const [label, override] of Object.entries(value)) {
    const where = `overrides.${label}`;
    if (!isOverride(override)) {
      problems.push(`\`${where}\` must be a part of a model: \`{ fields: { name: { type: 'DurationField' } } }\`.`);
      continue;
    }
    reportUnknown(override, modelKeys, where, problems);
    for (const [name, field] of Object.entries(override.fields ?? {})) {
      reportUnknown(field, fieldKeys, `${where}.fields.${name}`, problems);
    }
    overrides[label.toLowerCase()] = override;
  }
  return overrides;
}
