import type { Context } from '../../command.js';

/** Says that another run does it, with the document of that. */
export function saySkipped({ terminal }: Context, unreadable: number) {
  terminal.say('Another run is removing expired sessions; nothing was done.');
  return { json: { deleted: 0, batches: 0, seconds: 0, stopped: null, running: true, unreadable } };
}
