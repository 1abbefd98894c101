import { defineCommand } from '../command.js';
import { type Level, levels } from '../schema/checks/finding.js';
import { counted, printable } from '../text.js';
import { remediedFinding } from '../ui/finding-remedies.js';
import { database } from './shared/options.js';

const megabytes = (bytes: number) => `${(bytes / 1_000_000).toFixed(1)} MB`;

export default defineCommand({
  describe: 'Examine the auth database: leftovers, risky accounts, slow queries.',
  options: {
    ...database,
    failLevel: {
      type: 'string',
      choices: levels,
      default: 'ERROR',
      placeholder: 'LEVEL',
      describe: 'Exit with 1 for findings of this level and above.',
    },
  },
  examples: [['manage doctor --fail-level WARNING', 'For monitoring.']],
  async run(context, { database: alias, failLevel }) {
    const { terminal, settings, now } = context;
    const connection = await context.connect(alias);
    const { diagnose } = await import('../schema/doctor/diagnose.js');
    const { findings: found, tables, bytes } = await diagnose(connection, settings, { now: now() });
    const findings = found.map(remediedFinding);
    for (const { level, object, message, hint } of findings) {
      const paint = level === 'ERROR' || level === 'CRITICAL' ? terminal.style.error : terminal.style.warning;
      terminal.say(paint(printable(`${object}: ${message}`)));
      if (hint !== undefined) terminal.say(`    ${printable(hint)}`);
    }
    const largest = tables.filter(({ rows }) => rows > 0).slice(0, 5);
    const sizes = largest.map(
      ({ table, rows, bytes: own }) => `${table} ${rows}${own === null ? '' : ` (${megabytes(own)})`}`,
    );
    terminal.say(
      `${findings.length === 0 ? 'All is well' : counted(findings.length, 'finding')}. ` +
        `The database takes ${megabytes(bytes)}.${sizes.length === 0 ? '' : ` Rows: ${sizes.join(', ')}.`}`,
    );
    const fails = findings.some(({ level }) => levels.indexOf(level) <= levels.indexOf(failLevel as Level));
    return { json: { database: alias, findings, tables, bytes }, exitCode: fails ? 1 : 0 };
  },
});
