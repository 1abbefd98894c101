import { findModel } from '../../registry/define.js';
import type { Connection, Executor } from '../connect/connection.js';
import { tablesOfModels } from './table-map.js';

/**
 * Labels of apps that have rows in `django_migrations` or `django_content_type` and that the registry does not have, in
 * order. `names` are the tables that are there.
 */
export async function unknownApps(
  { registry }: Pick<Connection, 'registry'>,
  executor: Executor,
  names: ReadonlySet<string>,
): Promise<string[]> {
  const contentTypes = findModel(registry, 'contenttypes.contenttype')?.table ?? 'django_content_type';
  const sources = [
    ['django_migrations', 'app'],
    [contentTypes, 'app_label'],
  ] as const;
  const known = new Set(registry.apps.map(({ label }) => label));
  const own = new Set(tablesOfModels(registry.models));
  const hasTables = (label: string) =>
    [...names].some((name) => !own.has(name) && (name === label || name.startsWith(`${label}_`)));
  const unknown = new Set<string>();
  for (const [table, column] of sources) {
    if (!names.has(table)) continue;
    const labels: unknown[] = await executor(table).distinct(column).pluck(column);
    for (const each of labels) {
      const label = String(each);
      // What is recorded of an app that was renamed long ago is nothing that could be lost.
      if (!known.has(label) && (column === 'app_label' || hasTables(label))) unknown.add(label);
    }
  }
  return [...unknown].sort();
}
