import { userModelOf } from '../../auth/accounts/user-model.js';
import { readTableMap } from '../../db/introspection/table-map.js';
import { edgesTo, readReferences } from '../../db/references/graph.js';
import { timestampOf } from '../../db/values/moments.js';
import { findField } from '../../registry/define.js';
import { counted } from '../../text.js';
import { finding } from '../checks/finding.js';
import { schema } from '../checks/schema.js';
import type { Look } from './look.js';

/** References to accounts without an index. */
export const indexes: Look = async (connection) => {
  const graph = await readReferences(connection);
  return edgesTo(graph, connection.registry.userModel.table)
    .filter(({ indexed }) => !indexed)
    .map(({ from, column }) =>
      finding(
        'W079',
        `${from}.${column}`,
        'It refers to accounts and has no index: deleting one reads the whole table.',
        'Make an index on it.',
      ),
    );
};

/** What `check` says of the tables, but for those of nobody. */
export const tables: Look = async (connection, { settings }) => {
  const { alias, registry } = connection;
  const databases = [{ alias, connection, finding: undefined }];
  const findings = await schema.run({ settings, registry, databases, apps: undefined });
  return findings.filter(({ id }) => id !== 'manage.W040');
};

/** Sequences that would make a key again that is there: rows were loaded, or copied, with their keys. */
export const sequences: Look = async (connection) => {
  const { db, dialect, registry } = connection;
  const { names, generatedKeys } = await readTableMap(connection, db);
  const keys = registry.models.flatMap(({ managed, table }) => {
    const column = generatedKeys.get(table);
    return managed && names.has(table) && column !== undefined ? [{ table, column }] : [];
  });
  const { sequencesBehind } = await dialect.health();
  return (await sequencesBehind(db, keys)).map(({ table, column }) =>
    finding(
      'E081',
      `${table}.${column}`,
      'Its sequence is behind the greatest key: the next row cannot be inserted.',
      'Reset the sequences of its app.',
    ),
  );
};

/** Seconds that clocks may differ, and that a login may seem to lie ahead. */
const tolerance = 5;
const loginTolerance = 300;

/** Clocks that differ: what is signed or expires is judged by one and stored by another. */
export const clocks: Look = async (connection, { now }) => {
  const { alias, db, dialect, registry } = connection;
  const began = Date.now();
  const theirs = await (await dialect.health()).clock(db);
  const difference = theirs === undefined ? 0 : Math.round((theirs - (began + Date.now()) / 2) / 1000);
  const findings = [];
  if (Math.abs(difference) > tolerance) {
    const way = difference > 0 ? 'ahead of' : 'behind';
    const what = `The clock of the database is ${counted(Math.abs(difference), 'second')} ${way} the one of this machine.`;
    findings.push(
      finding('W082', `databases.${alias}`, what, 'Have both set by NTP: sessions and tokens end by them.'),
    );
  }
  const { model, auth } = userModelOf(registry);
  const field = auth.lastLoginField === undefined ? undefined : findField(model, auth.lastLoginField);
  if (field !== undefined) {
    const moment = timestampOf(new Date(now.getTime() + loginTolerance * 1000));
    const [row] = await db(model.table)
      .whereRaw(dialect.compareMoments(db, field, field.column, '>', moment))
      .count({ count: '*' });
    if (Number(row?.count) > 0) {
      const what = `${counted(Number(row?.count), 'account')} logged in at a time that is still to come.`;
      const hint = 'The site writes times of another zone (`timeZone`, `useTz`), or a clock was wrong.';
      findings.push(finding('W083', `${model.table}.${field.column}`, what, hint));
    }
  }
  return findings;
};
