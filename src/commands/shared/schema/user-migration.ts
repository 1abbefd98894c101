import { relative } from 'node:path';
import type { Context } from '../../../command.js';
import type { Connection } from '../../../db/connect/connection.js';
import { CommandError } from '../../../errors.js';
import type { Registry } from '../../../registry/types.js';
import { assertUserTable, draftMigration, writeDraft } from '../../../schema/make-migrations.js';

/**
 * Makes sure, before the first table is made, that the project's own user model gets one: its first migration is written
 * where somebody at the terminal agrees.
 *
 * @throws CommandError of code `no_user_migration` where nobody is asked, or does not agree.
 */
export async function ensureUserMigration(
  { settings, terminal }: Pick<Context, 'settings' | 'terminal'>,
  registry: Registry,
  connection: Connection | undefined,
  asks: boolean,
): Promise<void> {
  const project = { settings, registry };
  const tables = connection === undefined ? [] : await connection.dialect.tableNames(connection.db);
  try {
    await assertUserTable(project, tables);
  } catch (error) {
    if (!(error instanceof CommandError) || !asks || !terminal.interactive) throw error;
    const draft = await draftMigration(project, registry.userModel.app);
    if (draft === undefined) throw error;
    const file = relative(settings.root, draft.file);
    const question = `${error.message.replace(/; nothing was done\.$/, '.')} Write ${file} now? (yes/no): `;
    if (!(await terminal.confirm(question))) throw error;
    await writeDraft(draft);
    terminal.note(`Wrote ${file}: read it, and keep it with the project.`);
  }
}
