import type { Exposure } from '../engines/engine.js';
import { type DatabaseTarget, engineOf } from '../engines/engines.js';

export { isWorldReadable } from '../engines/file-mode.js';

/** How others could read what is in the database, or what goes to it. Needs no connection. */
export async function exposuresOf(target: DatabaseTarget): Promise<Exposure[]> {
  return engineOf(target).exposuresOf(target);
}
