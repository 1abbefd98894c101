import { CommandError } from '../../errors.js';
import type { ServerPlace } from '../dialect/server-errors.js';

/** Codes of errors after which another server may do. */
const unusable: ReadonlySet<string> = new Set(['database_unreachable', 'connection_lost', 'unsuitable_server']);

/**
 * What `open` makes of the first server that can be used.
 *
 * @throws CommandError that says of each why not.
 */
export async function firstOf<Server, T>(
  servers: readonly Server[],
  open: (server: Server) => Promise<T>,
  isInterrupted: () => boolean,
): Promise<T> {
  const failures: CommandError[] = [];
  for (const server of servers) {
    try {
      return await open(server);
    } catch (error) {
      if (servers.length === 1 || isInterrupted()) throw error;
      if (!(error instanceof CommandError) || !unusable.has(error.code)) throw error;
      failures.push(error);
    }
  }
  const worst = failures.find(({ code }) => code === 'unsuitable_server') ?? failures[0];
  throw new CommandError(failures.map(({ message }) => message).join(' '), {
    code: worst?.code ?? 'database_unreachable',
    ...(worst?.hint === undefined ? {} : { hint: worst.hint }),
    cause: worst?.cause ?? worst,
  });
}

/** What is noted when the connections of a run go to another server than before. */
export const movedTo = ({ server }: ServerPlace): string => `Connections go to ${server} from here on.`;
