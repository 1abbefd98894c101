import { writeSync } from 'node:fs';
import type { Host } from '../command.js';
import { CommandError } from '../errors.js';
import { asSentence } from '../text.js';
import { plainDescriptor } from './descriptor.js';

/** stdout was closed by its reader (`| head`): the run ends quietly with status 0. */
export class OutputClosed extends Error {
  override name = 'OutputClosed';
}

/** A stream of the host whose reader may go away. */
export interface Output {
  /** Writes without waiting; nothing happens once the reader has gone. */
  write(text: string | Uint8Array): void;
  /**
   * Writes, and waits while the reader is slow.
   *
   * @throws OutputClosed once the reader has gone, CommandError where it cannot be written (a full disk).
   */
  writeAll(text: string | Uint8Array): Promise<void>;
  /** Waits until everything is written, and throws as {@link Output.writeAll} does for what failed before. */
  flush(): Promise<void>;
  /** Writes to the stream alone from now on: somebody else writes to it as well, and nothing may overtake that. */
  share(): void;
  /** Lets go of the stream. */
  release(): void;
}

/** How many bytes are written without the stream. They fit into a pipe, so that a slow reader keeps nobody waiting. */
const fitsPipe = 16_384;

const names = { stdout: 'Standard output', stderr: 'Standard error' };

/**
 * Takes over the errors of a stream, so that a closed pipe or a full disk never ends the process with a stack. The stream
 * is not asked for before more is written than a pipe holds (see {@link plainDescriptor}).
 * It is long because all of it turns on what has become of one stream.
 */
export function openOutput(host: Host, which: 'stdout' | 'stderr'): Output {
  const name = names[which];
  let opened: Host['stdout'] | undefined;
  let failure: Error | undefined;
  const onError = (error: NodeJS.ErrnoException) => {
    failure ??=
      error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'
        ? new OutputClosed()
        : new CommandError(`${name} cannot be written: ${asSentence(error.message)}`, {
            code: 'output_failed',
            hint: 'Free some space there, or write somewhere else.',
            cause: error,
          });
  };
  const stream = () => {
    opened ??= host[which].on('error', onError);
    return opened;
  };
  let room = fitsPipe;
  let descriptor: number | undefined;
  /** Writes what little it can by itself, and returns what is left for the stream. */
  const writeDirectly = (text: string | Uint8Array): Uint8Array | undefined => {
    let rest = typeof text === 'string' ? Buffer.from(text) : text;
    if (rest.length > room) room = 0;
    if (room > 0) descriptor ??= plainDescriptor(host, which);
    if (room === 0 || descriptor === undefined) return rest;
    room -= rest.length;
    try {
      while (rest.length > 0) rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      room = 0;
      if ('code' in error && (error.code === 'EAGAIN' || error.code === 'EINTR')) return rest;
      onError(error);
    }
    return undefined;
  };
  const send = (text: string | Uint8Array): boolean => {
    const rest = room > 0 ? writeDirectly(text) : text;
    return rest === undefined || stream().write(rest);
  };
  const check = () => {
    if (failure !== undefined) throw failure;
  };
  return {
    write(text) {
      if (failure === undefined) send(text);
    },
    async writeAll(text) {
      check();
      if (!send(text)) {
        const written = stream();
        await new Promise<void>((resolve) => {
          const events = ['drain', 'error', 'close'];
          const done = () => {
            for (const event of events) written.off(event, done);
            resolve();
          };
          for (const event of events) written.on(event, done);
        });
      }
      check();
    },
    async flush() {
      const written = opened;
      if (written === undefined) return check();
      if (failure === undefined) await new Promise<void>((resolve) => void written.write('', () => resolve()));
      // Node reports a failed write one tick after its callback.
      await new Promise((resolve) => setImmediate(resolve));
      check();
    },
    share() {
      room = 0;
    },
    release: () => void opened?.off('error', onError),
  };
}
