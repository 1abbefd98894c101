import type { Terminal } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import { type Finding, levels } from '../../schema/checks/finding.js';
import { counted, printable } from '../../text.js';

/**
 * Says how timestamps are read where nothing in the database says it: the same text means another moment where Django's
 * USE_TZ is off. A database without accounts has nothing that could be misread yet, unless somebody has chosen.
 */
export async function sayZone({ note }: Terminal, connection: Connection, useTz: boolean): Promise<void> {
  const { alias, db, dialect, registry } = connection;
  const { timestampZone: zone } = dialect;
  const { table, primaryKey } = registry.userModel;
  if (zone === undefined) return;
  if (useTz && !((await dialect.tableNames(db)).includes(table) && (await db(table).first(primaryKey.column)))) return;
  const hint = useTz ? 'Set `useTz: false` if it is off there.' : 'Leave `useTz: false` out if it is on there.';
  note(
    `Timestamps in '${alias}' are taken to be in ${zone}, as Django with USE_TZ ${useTz ? 'on' : 'off'} has them. ${hint}`,
  );
}

/** Says the findings by level, as Django does, and how many there are. */
export function sayFindings({ say, style }: Terminal, findings: readonly Finding[]): void {
  if (findings.length > 0) for (const line of ['System check identified some issues:', '']) say(line);
  for (const level of levels) {
    const found = findings.filter((each) => each.level === level);
    if (found.length === 0) continue;
    const paint =
      level === 'CRITICAL' || level === 'ERROR' ? style.error : level === 'WARNING' ? style.warning : style.dim;
    say(`${level}S:`);
    for (const { object, id, message, hint } of found) {
      say(paint(printable(`${object}: (${id}) ${message}`)));
      if (hint !== undefined) say(paint(printable(`\tHINT: ${hint}`)));
    }
    say('');
  }
  const count = findings.length === 0 ? 'no issues' : counted(findings.length, 'issue');
  say(`System check identified ${count} (0 silenced).`);
}
