import { findUnknownPasswords } from '../../auth/accounts/unknown-passwords.js';
import { userModelOf } from '../../auth/accounts/user-model.js';
import { readPermissions } from '../../auth/permissions/catalogue.js';
import { modelPermissions } from '../../auth/permissions/sync.js';
import type { Connection } from '../../db/connect/connection.js';
import { textsEqualButForCase } from '../../db/read/expressions.js';
import { findField, findModel } from '../../registry/define.js';
import { findProxy } from '../../registry/inheritance.js';
import { counted } from '../../text.js';
import { type Check, type CheckContext, type Finding, finding } from './finding.js';

/** Lists are cut here: the finding says how many there are. */
const shown = 5;
const some = (names: readonly string[]) => `${names.slice(0, shown).join(', ')}${names.length > shown ? ', …' : ''}`;

/** Values of a column that are equal but for their case, where several accounts have one. */
async function equalButForCase(connection: Connection, name: string): Promise<string[]> {
  const { model } = userModelOf(connection.registry);
  const field = findField(model, name);
  if (field === undefined) return [];
  return textsEqualButForCase(connection, model.table, field.column);
}

async function accounts(alias: string, connection: Connection): Promise<Finding[]> {
  const { auth } = userModelOf(connection.registry);
  const findings: Finding[] = [];
  const object = `databases.${alias}`;
  const names = await equalButForCase(connection, auth.usernameField);
  if (names.length > 0) {
    const what = `${counted(names.length, 'user name')} belong to several accounts that differ only in case: ${some(names)}.`;
    findings.push(finding('W061', object, what, 'Merge those that are of one person.'));
  }
  if (auth.emailField === undefined || auth.emailField === auth.usernameField) return findings;
  const addresses = await equalButForCase(connection, auth.emailField);
  if (addresses.length > 0) {
    const what = `${counted(addresses.length, 'e-mail address', 'e-mail addresses')} belong to several accounts: ${some(addresses)}.`;
    findings.push(finding('W062', object, what, 'Password reset links are sent to each of them.'));
  }
  return findings;
}

/** Django takes them for wrong passwords, and says nothing. */
async function passwords(alias: string, connection: Connection): Promise<Finding[]> {
  const names = await findUnknownPasswords(connection);
  if (names.length === 0) return [];
  const what =
    `The passwords of ${counted(names.length, 'account')} cannot be verified: ${some(names)}. ` +
    'They are plain text, or hashes of another system.';
  const hint = 'Set new ones, or import the hashes of another system as such.';
  return [finding('W066', `databases.${alias}`, what, hint)];
}

async function rights(alias: string, connection: Connection): Promise<Finding[]> {
  const { registry } = connection;
  const permissions = await readPermissions(connection);
  const findings: Finding[] = [];
  const odd: string[] = [];
  for (const { app, model: name, codename, label } of permissions) {
    const model = findModel(registry, `${app}.${name}`);
    // What belongs to apps that are not declared cannot be judged.
    if (model === undefined || /^(?:add|change|delete|view)_/.test(codename) === false) continue;
    if (!modelPermissions(model).some(([each]) => each === codename)) odd.push(label);
  }
  if (odd.length > 0) {
    const what = `${counted(odd.length, 'permission')} of models have codenames of another model: ${some(odd)}.`;
    findings.push(
      finding(
        'W063',
        `databases.${alias}`,
        what,
        'Models were renamed: move the rights to the permissions of the new names.',
      ),
    );
  }
  const labels = new Set(registry.apps.map(({ label }) => label));
  const isKnown = (label: string) =>
    findModel(registry, label) !== undefined || findProxy(registry, label) !== undefined;
  const nobodys = permissions.filter(({ app, model }) => labels.has(app) && !isKnown(`${app}.${model}`));
  if (nobodys.length > 0) {
    const names = [...new Set(nobodys.map(({ app, model }) => `${app}.${model}`))];
    const what = `${counted(nobodys.length, 'permission')} belong to models that do not exist: ${some(names)}. Groups and users may have them.`;
    findings.push(finding('W064', `databases.${alias}`, what, 'Remove the content types whose models have no tables.'));
  }
  return findings;
}

export const people: Check = {
  tag: 'people',
  async run({ databases, apps }: CheckContext) {
    if (apps !== undefined) return [];
    const findings: Finding[] = [];
    for (const { alias, connection } of databases) {
      if (connection === undefined) continue;
      const tables = new Set(await connection.dialect.tableNames(connection.db).catch(() => []));
      const has = (label: string) => tables.has(findModel(connection.registry, label)?.table ?? '');
      // What cannot be read here is reported by the checks of the schema.
      const look = async (work: () => Promise<Finding[]>) => findings.push(...(await work().catch(() => [])));
      if (tables.has(connection.registry.userModel.table)) {
        await look(() => accounts(alias, connection));
        await look(() => passwords(alias, connection));
      }
      if (has('auth.permission') && has('contenttypes.contenttype')) await look(() => rights(alias, connection));
    }
    return findings;
  },
};
