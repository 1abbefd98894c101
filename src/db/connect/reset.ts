import type { ParsedDatabase } from '../../settings/settings.js';
import type { ResetOptions, ResetResult } from '../engines/engine.js';

export type { ResetOptions, ResetResult } from '../engines/engine.js';

import { engineOf } from '../engines/engines.js';

/**
 * Lets a new, empty database take the place of the old one, with the same owner, encoding, collation, settings and rights; a
 * missing one is only made. Whatever ends the run, the old or the new one is there. All connections of this process to it
 * must be closed. Where the settings name a schema, that schema alone is dropped and made.
 *
 * @throws CommandError where it is in use or the right to do so is missing.
 */
export async function resetDatabase({ target }: ParsedDatabase, options: ResetOptions = {}): Promise<ResetResult> {
  return engineOf(target).reset(target, options);
}
