import type { Host } from '../command.js';
import { CommandError } from '../errors.js';

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
  /** Lets go of the stream. */
  release(): void;
}

/** Takes over the errors of `stream`, so that a closed pipe or a full disk never ends the process with a stack. */
export function openOutput(stream: Host['stdout'], name: string): Output {
  let failure: Error | undefined;
  const onError = (error: NodeJS.ErrnoException) => {
    failure ??=
      error.code === 'EPIPE' || error.code === 'ERR_STREAM_DESTROYED'
        ? new OutputClosed()
        : new CommandError(`${name} cannot be written: ${error.message}.`, {
            code: 'output_failed',
            hint: 'Free some space where it goes to, or write somewhere else.',
            cause: error,
          });
  };
  stream.on('error', onError);
  const check = () => {
    if (failure !== undefined) throw failure;
  };
  return {
    write(text) {
      if (failure === undefined) stream.write(text);
    },
    async writeAll(text) {
      check();
      if (!stream.write(text)) {
        await new Promise<void>((resolve) => {
          const events = ['drain', 'error', 'close'];
          const done = () => {
            for (const event of events) stream.off(event, done);
            resolve();
          };
          for (const event of events) stream.on(event, done);
        });
      }
      check();
    },
    async flush() {
      if (failure === undefined) await new Promise<void>((resolve) => void stream.write('', () => resolve()));
      // Node reports a failed write one tick after its callback.
      await new Promise((resolve) => setImmediate(resolve));
      check();
    },
    release: () => void stream.off('error', onError),
  };
}
