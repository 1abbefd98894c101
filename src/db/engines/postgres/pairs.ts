import { integerRange } from '../../../registry/field-types.js';
import type { PairsTable } from '../../dialect/sql.js';

export const postgresPairs: PairsTable = {
  sql: 'unnest(?::text[], ?::text[]) AS asked(first, second)',
  first: 'asked.first',
  second: ({ type }) => {
    if (integerRange(type, true) !== undefined) return 'asked.second::bigint';
    return type === 'UUIDField' ? 'asked.second::uuid' : 'asked.second';
  },
  bind: (pairs) => [pairs.map(([first]) => first), pairs.map(([, second]) => second)],
};
