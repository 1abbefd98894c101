import type { Executor } from '../../db/connect/connection.js';
import { allOf, isNull, isUnreferred, noneOf, refersToRowsWhere } from '../../db/read/expressions.js';
import type { Model } from '../../registry/types.js';
import type { AppTables, PruneOptions, PruneStep } from '../define.js';
import { step } from '../steps.js';

/**
 * What `cleartokens` deletes (oauth2_provider/models.py, clear_expired): up to 3.3 refresh tokens stay for ever unless they have
 * an age; since 3.4, which has a table for pushed requests, those go that were revoked or have lost their access token.
 */
export function clearSteps(tables: AppTables, { now, refreshAge }: PruneOptions): PruneStep[] {
  const [refresh, access] = [tables.model('RefreshToken'), tables.model('AccessToken')];
  const isNew = tables.has('PushedAuthorizationRequest');
  const old = refreshAge === undefined ? undefined : new Date(now.getTime() - refreshAge * 1000);
  const isOver = isNew ? '<=' : '<';
  const revokedBefore = isNew ? now : old;
  const refreshSteps: PruneStep[] = [];
  if (revokedBefore !== undefined)
    refreshSteps.push(step(tables, 'RefreshToken', [['revoked', isOver, revokedBefore]]));
  if (isNew) {
    refreshSteps.push({
      model: refresh,
      where: (executor) =>
        allOf(
          executor,
          ['revoked', 'access_token_id'].map((column) => isNull(executor, `${refresh.table}.${column}`)),
        ),
    });
  }
  if (old !== undefined) {
    const idle = step(tables, 'AccessToken', [['expires', isOver, old]]);
    const before = [...refreshSteps];
    refreshSteps.push({
      model: refresh,
      where: (executor) =>
        allOf(executor, [
          refersToRowsWhere(executor, `${refresh.table}.access_token_id`, {
            table: access.table,
            key: 'id',
            where: idle.where(executor),
          }),
          ...(isNew ? [isNull(executor, `${refresh.table}.revoked`)] : []),
          noneOf(executor, conditionsOf(before, executor)),
        ]),
    });
  }
  const accessStep = unreferred(
    tables,
    'AccessToken',
    { model: refresh, column: 'access_token_id', go: refreshSteps },
    now,
  );
  const hasIdTokens = tables.has('IDToken') && tables.has('AccessToken', 'id_token');
  return [
    ...refreshSteps,
    accessStep,
    ...(hasIdTokens
      ? [unreferred(tables, 'IDToken', { model: access, column: 'id_token_id', go: [accessStep] }, now)]
      : []),
    step(tables, 'Grant', [['expires', '<', now]]),
    ...(isNew ? [step(tables, 'PushedAuthorizationRequest', [['expires', '<', now]])] : []),
  ];
}

const conditionsOf = (steps: readonly PruneStep[], executor: Executor) => steps.map((each) => each.where(executor));

interface Referrer {
  readonly model: Model;
  readonly column: string;
  /** Steps before this one, which delete some of the rows that refer. */
  readonly go: readonly PruneStep[];
}

/** Rows that have expired, and that no row refers to which stays. */
function unreferred(tables: AppTables, name: string, { model: other, column, go }: Referrer, now: Date): PruneStep {
  const expired = step(tables, name, [['expires', '<', now]]);
  const { model } = expired;
  return {
    model,
    // Those that go have gone by then.
    unreferred: true,
    where(executor) {
      const referrers = { table: other.table, column, key: `${model.table}.${model.primaryKey.column}` };
      return allOf(executor, [
        expired.where(executor),
        isUnreferred(executor, referrers, { except: conditionsOf(go, executor) }),
      ]);
    },
  };
}
