import { storedField } from '../../registry/define.js';
import type { Registry } from '../../registry/types.js';
import { modelTable } from '../schema/tables.js';
import { rootsOf } from './graph.js';
import type { MigrationUserModel } from './migration.js';
import type { MigrationState } from './state.js';

/** What migrations are told about the model that holds the accounts. */
export function migrationUserModel(registry: Registry, { graph }: Pick<MigrationState, 'graph'>): MigrationUserModel {
  const { userModel } = registry;
  const key = modelTable(registry, userModel).columns.find(({ primaryKey }) => primaryKey);
  const { maxLength } = storedField(registry, userModel.primaryKey);
  if (key === undefined) throw new Error(`The model ${userModel.label} has no primary key.`);
  return {
    label: userModel.label,
    table: userModel.table,
    pk: key.name,
    pkType: key.type,
    pkMaxLength: maxLength,
    firstMigration: rootsOf(graph, userModel.app)[0],
  };
}
