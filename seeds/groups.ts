import type { Executor } from '../src/db/connect/connection.js';
import type { Value } from '../src/db/dialect/dialect.js';
import { insertRow } from '../src/db/write/rows.js';
import { findModel } from '../src/registry/define.js';
import { linkColumns, permissionKeys } from '../src/rows/populate/links.js';
import type { Seeding } from '../src/rows/populate/seeding.js';

const roles = ['editors', 'managers', 'viewers', 'support', 'interns', 'leads', 'auditors', 'planners'];

/** Adds groups with some permissions each. Groups that exist stay as they are, and no name is given twice. */
export async function seed(knex: Executor, { connection, options, faker, bulk, made }: Seeding): Promise<void> {
  const { registry } = connection;
  const { userModel } = registry;
  const membership = userModel.manyToMany.find(({ name }) => name === userModel.auth?.groups);
  const group = membership === undefined ? undefined : findModel(registry, membership.to);
  const name = group?.fields.find((field) => !field.primaryKey && field.unique) ?? group?.fields[1];
  if (group === undefined || name === undefined) return;
  const permissions = await permissionKeys(connection);
  const taken = new Set<unknown>(await knex(group.table).pluck(name.column));
  const keys: Value[] = [];
  const links: Value[][] = [];
  while (keys.length < options.groups) {
    const base = `${faker.commerce.department()} ${faker.helpers.arrayElement(roles)}`;
    const text = taken.has(base) ? `${base} ${taken.size + 1}` : base;
    if (taken.has(text)) continue;
    taken.add(text);
    const key = await insertRow(connection, group, { [name.name]: text }, { now: options.anchor });
    keys.push(key);
    for (const permission of faker.helpers.arrayElements(permissions, { min: 2, max: 10 }))
      links.push([key, permission]);
  }
  made.groups += keys.length;
  const relation = group.manyToMany.find(({ to, through }) => to === 'auth.permission' && through === undefined);
  if (relation === undefined || links.length === 0) return;
  const columns = linkColumns(connection, group, relation);
  await bulk.replaceLinks(knex, { table: relation.table, columns, rows: links }, keys);
  made.permissions += links.length;
}
