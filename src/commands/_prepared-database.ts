import type { Context } from '../command.js';
import type { Connection } from '../db/connection.js';

export async function preparedDatabase(
  context: Context,
  alias: string,
  { migrate }: { readonly migrate: boolean; readonly asks: boolean },
): Promise<Connection | undefined> {
  return context.connect(alias, { create: migrate });
}
