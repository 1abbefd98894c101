import { modelPermissions } from '../../auth/permissions/sync.js';
import { typedModels } from '../../registry/inheritance.js';
import { missingSizes } from '../../registry/sizes.js';
import type { Model, TypedModel } from '../../registry/types.js';
import { type Check, type CheckContext, type CheckedDatabase, type Finding, finding } from './finding.js';

/** Columns of `auth_permission`. */
const maxCodename = 100;
const maxName = 255;

const wanted = ({ apps }: CheckContext, { app }: TypedModel) => apps?.has(app) ?? true;

/** Whether a database takes these names, which differ in case alone, for those of one table. */
async function takesForOne({ connection }: CheckedDatabase, names: readonly string[]): Promise<boolean> {
  if (connection === undefined) return true;
  const { db, dialect } = connection;
  if (dialect.features.exactTableNames) return false;
  const there = new Set(await dialect.tableNames(db));
  return !names.every((name) => there.has(name));
}

async function sharedTables(context: CheckContext): Promise<Finding[]> {
  const users = new Map<string, { readonly table: string; readonly user: string }[]>();
  for (const model of context.registry.models) {
    if (!model.managed) continue;
    const joins = model.manyToMany.filter(({ through }) => through === undefined);
    for (const [table, user] of [
      [model.table, model.label],
      ...joins.map(({ table: join, name }) => [join, `${model.label}.${name}`]),
    ] as [string, string][]) {
      users.set(table.toLowerCase(), [...(users.get(table.toLowerCase()) ?? []), { table, user }]);
    }
  }
  const findings: Finding[] = [];
  for (const [folded, uses] of users) {
    const spellings = [...new Set(uses.map(({ table }) => table))];
    const taken = await Promise.all(context.databases.map((database) => takesForOne(database, spellings)));
    const isOne = spellings.length === 1 || taken.length === 0 || taken.includes(true);
    for (const table of isOne ? [folded] : spellings) {
      const names = uses.filter((use) => isOne || use.table === table).map(({ user }) => user);
      const message = `The table is used by several models: ${names.join(', ')}.`;
      if (names.length > 1) findings.push(finding('E030', table, message, 'Give each its own `table`.'));
    }
  }
  return findings;
}

/** Django 5.2 contrib/auth/checks.py, `check_models_permissions`. */
function badPermissions(model: TypedModel): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [codename, name] of modelPermissions(model)) {
    if (seen.has(codename)) {
      const hint = `Remove it from \`permissions\`, or from \`defaultPermissions\`.`;
      findings.push(finding('E031', model.label, `The permission '${codename}' is declared twice.`, hint));
    }
    seen.add(codename);
    if (Array.from(codename).length > maxCodename) {
      const what = `The permission '${codename}' has a codename of more than ${maxCodename} characters.`;
      findings.push(finding('E032', model.label, what, 'Give the model, or the permission, a shorter name.'));
    }
    if (Array.from(name).length > maxName) {
      const what = `The permission '${codename}' has a name of more than ${maxName} characters.`;
      findings.push(
        finding('E033', model.label, what, 'Give the model a shorter `verboseName`, or the permission a shorter name.'),
      );
    }
  }
  return findings;
}

/** Django 5.2 contrib/auth/checks.py, `check_user_model`. */
function badUserModel(model: Model): Finding[] {
  const { auth } = model;
  if (auth === undefined) return [];
  const findings: Finding[] = [];
  if (auth.requiredFields.includes(auth.usernameField)) {
    const what = `The field '${auth.usernameField}' is the user name, and must not be among \`requiredFields\` too.`;
    findings.push(finding('E034', model.label, what, 'Remove it there: it is always asked for.'));
  }
  const username = model.fields.find(({ name }) => name === auth.usernameField);
  const alone = model.uniqueTogether.some((fields) => fields.length === 1 && fields[0] === auth.usernameField);
  if (username !== undefined && !username.unique && !alone) {
    const what = `The field '${auth.usernameField}' is the user name, and is not unique.`;
    findings.push(finding('W034', model.label, what, 'Set `unique: true`: commands find accounts by it.'));
  }
  return findings;
}

/** Types whose columns cannot be made without these (Django 5.2 fields.E120, E130 and E132). */
function unsizedFields(model: Model): Finding[] {
  return missingSizes(model).map(({ field, what }) =>
    finding('E035', `${model.label}.${field}`, `The field has no ${what}.`, 'Say it in the model\u2019s definition.'),
  );
}

export const models: Check = {
  tag: 'models',
  async run(context) {
    const own = context.registry.models.filter((model) => wanted(context, model));
    const typed = context.registry.apps.flatMap(typedModels).filter((model) => wanted(context, model));
    return [
      ...(await sharedTables(context)),
      ...typed.flatMap(badPermissions),
      ...own.flatMap(unsizedFields),
      ...own.filter((model) => model === context.registry.userModel).flatMap(badUserModel),
    ];
  },
};
