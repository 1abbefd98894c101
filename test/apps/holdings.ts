import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { databasesLike, type Engine, type TestDatabase } from '../helpers/databases.js';
import type { AppFacts } from './app-facts.js';
import { type AppsSite, asAppsSite, createAppsSite } from './site.js';
import { addTables, loadApps } from './tables.js';

const folder = join(import.meta.dirname, 'facts');

async function readFacts(file: string): Promise<readonly [name: string, facts: AppFacts]> {
  const module: { readonly default: AppFacts } = await import(pathToFileURL(join(folder, file)).href);
  return [file.replace(/\.ts$/, ''), module.default];
}

/** What is known of each app, by its folder. */
export const facts: ReadonlyMap<string, AppFacts> = new Map(await Promise.all(readdirSync(folder).map(readFacts)));

/** What the facts of all apps say of one thing. */
export const allOf = (name: 'credentials' | 'ended' | 'stays'): string[] =>
  [...facts.values()].flatMap((each) => each[name] ?? []).toSorted();

async function makeFilledSite(engine: Engine): Promise<TestDatabase> {
  const db = await createAppsSite(engine);
  await addTables(db, await loadApps());
  await db.add('django_content_type', { id: 1, app_label: 'auth', model: 'group' });
  await db.add('auth_permission', { id: 1, content_type_id: 1, codename: 'change_group', name: 'Can change group' });
  await db.add('auth_group', { id: 1, name: 'Editors' });
  for (const { shared = [], held } of facts.values()) {
    for (const [table, values] of shared) await db.add(table, values);
    for (const user of [1, 2]) for (const [table, values] of held?.(user) ?? []) await db.add(table, values);
  }
  for (const user of [1, 2]) {
    await db.add('auth_user_groups', { user_id: user, group_id: 1 });
    await db.add('auth_user_user_permissions', { user_id: user, permission_id: 1 });
  }
  return db;
}

const another = databasesLike(makeFilledSite);

/** A database with the tables of every app, in each of which alice and bob have something. */
export async function createFilledSite(engine: Engine): Promise<AppsSite> {
  return asAppsSite(await another(engine));
}
