import type { UnknownVersion } from '../../apps/find.js';
import type { Terminal } from '../../command.js';

/** Says which apps are there in a version that nobody knows: nothing in them was read or changed. */
export function noteUnknown(terminal: Pick<Terminal, 'warn'>, unknown: readonly UnknownVersion[]): void {
  for (const { app, reason } of unknown) {
    terminal.warn(`The app '${app}' was left alone: it may hold credentials that are not among these. ${reason}`);
  }
}
