import { CommandError } from '../errors.js';
import { fieldTypes } from './field-types.js';
import type { AppDefinition, Model } from './types.js';

function fail(model: Model, sentence: string): never {
  throw new CommandError(`The model ${model.label} ${sentence}.`, {
    code: 'bad_registry',
    hint: 'Correct its definition in the app that declares it.',
  });
}

/** What no config of JSON or JavaScript may leave out of an `auth` block, although no compiler says so. */
const AUTH_MEMBERS = ['usernameField', 'passwordField', 'requiredFields', 'superuserValues'] as const;

/** Names with a direction (`-name`) or a path through a reference (`content_type__model`) count by their first part. */
const fieldName = (path: string) => path.replace(/^-/, '').split('__', 1)[0] ?? '';

function assertNames(model: Model, where: string, names: readonly string[], known: ReadonlySet<string>): void {
  for (const name of names) {
    if (!known.has(fieldName(name))) fail(model, `has no field '${fieldName(name)}', which its ${where} names`);
  }
}

/**
 * Checks that a model's names are its own.
 *
 * @throws CommandError that names the model and what is wrong in it.
 */
export function assertModel(model: Model): void {
  const fields = new Set(model.fields.map((field) => field.name));
  if (model.fields.filter((field) => field.primaryKey).length > 1) fail(model, 'has more than one primary key');
  const columns = new Set<string>();
  for (const { column } of model.fields) {
    if (columns.has(column)) fail(model, `uses the column '${column}' twice`);
    columns.add(column);
  }
  for (const { name } of model.manyToMany) {
    if (fields.has(name)) fail(model, `has both a field and a many-to-many relation called '${name}'`);
  }
  for (const names of model.uniqueTogether) assertNames(model, 'uniqueTogether', names, fields);
  for (const index of model.indexes) assertNames(model, 'indexes', index.fields, fields);
  assertNames(model, 'ordering', model.ordering, new Set([...fields, 'pk']));
  assertNames(model, 'naturalKey', model.naturalKey ?? [], fields);

  const { auth } = model;
  if (auth === undefined) return;
  const lacking = AUTH_MEMBERS.filter((name) => auth[name] === undefined);
  if (lacking.length > 0)
    fail(model, `has no ${lacking.map((name) => `\`${name}\``).join(' and no ')} in its \`auth\` block`);
  assertNames(
    model,
    'auth block',
    [
      auth.usernameField,
      auth.passwordField,
      ...[auth.emailField, auth.lastLoginField, auth.activeField].filter((name) => name !== undefined),
      ...Object.keys(auth.superuserValues),
    ],
    fields,
  );
  const relations = model.manyToMany.map((relation) => relation.name);
  assertNames(model, 'auth block', auth.requiredFields, new Set([...fields, ...relations]));
  const links = [auth.groups, auth.permissions].filter((name) => name !== undefined);
  assertNames(model, 'auth block', links, new Set(relations));
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function assertShape(condition: boolean, what: string, hint: string): void {
  if (!condition) throw new CommandError(what, { code: 'bad_registry', hint });
}

function assertField(name: string, definition: unknown): void {
  const { type, baseField, dbType, parentLink } = isRecord(definition) ? definition : {};
  assertShape(
    fieldTypes.some((known) => known === type),
    `The field ${name} has the type '${String(type)}', which is not one of Django's.`,
    `Known are ${fieldTypes.join(', ')}.`,
  );
  assertShape(
    !parentLink || type === 'OneToOneField',
    `The field ${name} is a parentLink, and no OneToOneField.`,
    'Only a OneToOneField leads to the row that a row is a part of.',
  );
  if (type === 'OtherField') {
    assertShape(
      typeof dbType === 'string' && dbType !== '',
      `The field ${name} is an OtherField but does not say which type its column has.`,
      "Give it a `dbType`, such as `dbType: 'point'`.",
    );
  }
  if (type !== 'ArrayField') return;
  assertShape(
    isRecord(baseField),
    `The field ${name} is an ArrayField but does not say what its items are.`,
    "Give it a `baseField`, such as `baseField: { type: 'IntegerField' }`.",
  );
  assertField(`${name}.baseField`, baseField);
  assertShape(
    isRecord(baseField) && baseField.type !== 'ForeignKey' && baseField.type !== 'OneToOneField',
    `The items of the field ${name} are references, which an array cannot hold.`,
    'Give it the type of the keys that they refer to.',
  );
}

function assertProxies(label: string, models: AppDefinition['models'], proxies: unknown): void {
  const hint = "Name its proxy models, such as `proxies: [{ name: 'DraftPost', of: 'blog.Post' }]`.";
  assertShape(Array.isArray(proxies), `The \`proxies\` of the app '${label}' are not a list.`, hint);
  const taken = new Set(Object.keys(models).map((name) => name.toLowerCase()));
  for (const proxy of Array.isArray(proxies) ? (proxies as unknown[]) : []) {
    const { name, of } = isRecord(proxy) ? proxy : { name: proxy, of: undefined };
    assertShape(
      typeof name === 'string' && name !== '' && (of === undefined || (typeof of === 'string' && of.includes('.'))),
      `One of the \`proxies\` of the app '${label}' has no name, or is a proxy of nothing.`,
      hint,
    );
    const key = String(name).toLowerCase();
    assertShape(
      !taken.has(key),
      `The app '${label}' has the proxy '${String(name)}' beside another model of that name.`,
      hint,
    );
    taken.add(key);
  }
}

/**
 * Checks that a definition is one: it may come from JSON, or from JavaScript that nobody has compiled.
 *
 * @throws CommandError that names the model or field which is wrong.
 */
export function assertDefinition({ label, models, proxies = [] }: AppDefinition): void {
  assertProxies(label, models, proxies);
  for (const [name, model] of Object.entries<unknown>(models)) {
    const fields = isRecord(model) ? model.fields : undefined;
    assertShape(
      isRecord(fields),
      `The model ${label}.${name} has no \`fields\`.`,
      'Give it an object of them, by name.',
    );
    for (const [field, definition] of Object.entries(isRecord(fields) ? fields : {})) {
      assertField(`${label}.${name}.${field}`, definition);
    }
    const relations = isRecord(model) ? (model.manyToMany ?? {}) : {};
    for (const [relation, definition] of Object.entries(isRecord(relations) ? relations : {})) {
      assertShape(
        isRecord(definition) && typeof definition.to === 'string',
        `The relation ${label}.${name}.${relation} does not say what it refers to.`,
        "Give it a `to`, such as `to: 'auth.group'`.",
      );
    }
  }
}
