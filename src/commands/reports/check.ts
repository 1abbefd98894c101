import type { Terminal } from '../../command.js';
import { type Finding, levels } from '../../schema/checks/finding.js';
import { counted, printable } from '../../text.js';

/** Nothing in the database says it: the same text means another moment where Django's USE_TZ is off. */
export function sayZone({ note }: Terminal, alias: string, zone: string, useTz: boolean): void {
  const hint = useTz ? 'Set `useTz: false` if it is off there.' : 'Leave `useTz: false` out if it is on there.';
  note(
    `Timestamps in '${alias}' are taken to be in ${zone}, as Django with USE_TZ ${useTz ? 'on' : 'off'} has them. ${hint}`,
  );
}

/** Says the findings by level, as Django does, and how many there are. */
export function sayFindings({ say, style }: Terminal, findings: readonly Finding[]): void {
  if (findings.length > 0) say('System check identified some issues:\n');
  for (const level of levels) {
    const found = findings.filter((each) => each.level === level);
    if (found.length === 0) continue;
    const paint =
      level === 'CRITICAL' || level === 'ERROR' ? style.error : level === 'WARNING' ? style.warning : style.dim;
    say(`${level}S:`);
    for (const { object, id, message, hint } of found) {
      say(paint(printable(`${object}: (${id}) ${message}${hint === undefined ? '' : `\n\tHINT: ${hint}`}`)));
    }
    say('');
  }
  const count = findings.length === 0 ? 'no issues' : counted(findings.length, 'issue');
  say(`System check identified ${count} (0 silenced).`);
}
