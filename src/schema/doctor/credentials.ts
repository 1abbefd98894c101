import { findApps } from '../../apps/find.js';
import { previewPruning } from '../../apps/prune.js';
import { counted } from '../../text.js';
import { finding } from '../checks/finding.js';
import { countOf, type Look } from './look.js';

/** Rows of third-party apps that are over and that nobody clears; sessions have a look of their own. */
export const leftovers: Look = async (connection, { now }) => {
  const { parts } = await previewPruning(connection, { now });
  return parts
    .filter(({ part, rows }) => part !== 'sessions' && rows > 0)
    .map(({ part, table, rows }) =>
      finding(
        'W084',
        table,
        `${counted(rows, 'row')} ${rows === 1 ? 'has expired and is' : 'have expired and are'} not cleared.`,
        'Clear them every day.',
        { part },
      ),
    );
};

/** Secrets that work as they stand in the database, for whoever reads it, a dump or a backup. */
export const plainSecrets: Look = async (connection) => {
  const { apps } = await findApps(connection);
  const findings = [];
  for (const { declaration, tables } of apps) {
    if (declaration.kinds === undefined && declaration.traces === undefined) continue;
    for (const [name, fields] of Object.entries(declaration.secrets ?? {})) {
      const plain = fields.filter(
        (field) => tables.has(name, field) && declaration.hashed?.includes(`${name}.${field}`) !== true,
      );
      if (plain.length === 0) continue;
      const { table } = tables.model(name);
      const rows = await countOf(connection, table);
      if (rows === 0) continue;
      const what = `${counted(rows, 'row')} of ${declaration.package} hold secrets in plain text (${plain.join(', ')}): who reads the database, a dump or a backup can use them.`;
      findings.push(
        finding('I085', table, what, 'Keep backups as secret as passwords; an anonymized dump leaves them out.'),
      );
    }
  }
  return findings;
};
