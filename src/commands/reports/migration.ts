import type { Terminal } from '../../command.js';
import type { Connection } from '../../db/connect/connection.js';
import type { PlanStep, Target } from '../../db/migrations/plan.js';
import type { Losses } from '../../schema/migration-losses.js';
import { counted } from '../../text.js';
import { placeOf } from '../shared/destructive.js';

/** What is migrated, and to where. */
export function sayTarget({ say, style }: Terminal, target: Target): void {
  say(style.heading('Operations to perform:'));
  if (target.kind === 'all') {
    say(style.label('  Apply all migrations: ') + (target.apps.join(', ') || '(none)'));
  } else if (target.kind === 'none') {
    say(style.label('  Unapply all migrations: ') + target.app);
  } else {
    const name = target.key.slice(target.app.length + 1);
    say(`${style.label('  Target specific migration: ')}${name}, from ${target.app}`);
  }
}

/** What is lost where migrations are undone. */
export function lossLines(connection: Connection, undone: readonly PlanStep[], { tables, columns }: Losses): string[] {
  const keys = undone.map(({ migration }) => migration.key);
  return [
    `You have requested to undo ${counted(keys.length, 'migration')} of the database ${placeOf(connection)}:`,
    `  ${keys.join(', ')}.`,
    ...(tables.length + columns.length === 0
      ? ['No table and no column is dropped.']
      : ['This will IRREVERSIBLY DROP:']),
    ...tables.map(({ table, rows }) => `  the table ${table} (${counted(rows, 'row')})`),
    ...columns.map(({ table, column }) => `  the column ${column} of ${table}`),
  ];
}
