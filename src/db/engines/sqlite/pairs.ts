import type { PairsTable } from '../../dialect/sql.js';

export const sqlitePairs: PairsTable = {
  sql: 'json_each(?) AS asked',
  first: "json_extract(asked.value, '$[0]')",
  // The column's affinity makes a number of a text where the column has numbers.
  second: () => "json_extract(asked.value, '$[1]')",
  bind: (pairs) => [JSON.stringify(pairs)],
};
