import type { Host } from '../command.js';
import { CommandError, OperationCancelled } from '../errors.js';

/** How long a command may take to stop after Ctrl-C or SIGTERM before it is left, in milliseconds. */
const graceMs = 2000;

/** Ctrl-C, SIGTERM and what else may end a run from outside of its own code. */
export interface Interruption {
  /** Aborted by the first of them; its reason is what the run ends with. */
  readonly signal: AbortSignal;
  /**
   * Rejects with OperationCancelled where the command has not ended in time, or at the second signal; with an error that
   * nothing has caught; and where nothing is left that could end the command.
   */
  readonly overdue: Promise<never>;
  /** The status that the process ends with: 130, 143, 129 (SIGHUP), or undefined where there was none. */
  status(): number | undefined;
  /** Leaves Ctrl-C to another program while `work` goes on. */
  ignoring<T>(work: () => Promise<T>): Promise<T>;
  /** Stops listening. */
  stop(): void;
}

const unfinished = () =>
  new CommandError('The command stopped before it had finished: it waits for something that never comes.', {
    code: 'unfinished',
    hint: 'Look for a promise that is never settled, in the command or in the config file.',
  });

/** Listens to the host's signals. */
export function listen(host: Host): Interruption {
  const controller = new AbortController();
  let status: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ignored = 0;
  let giveUp: (error: unknown) => void = () => {};
  const overdue = new Promise<never>((_, reject) => {
    giveUp = reject;
  });
  overdue.catch(() => {});
  const receive = (code: number) => () => {
    if (ignored > 0 && code === 130) return;
    if (status !== undefined) giveUp(new OperationCancelled());
    status ??= code;
    timer ??= setTimeout(() => giveUp(new OperationCancelled()), graceMs);
    controller.abort(new OperationCancelled());
  };
  // What still waits, a question for one, ends too.
  const fail = (error: unknown) => {
    giveUp(error);
    controller.abort(error);
  };
  const listeners: [string, (error: unknown) => void][] = [
    ['SIGINT', receive(130)],
    ['SIGTERM', receive(143)],
    ['SIGHUP', receive(129)],
    // Only code of a project lets errors go, or waits for what never comes; it must not leave without a word.
    ['uncaughtException', fail],
    ['unhandledRejection', fail],
    ['beforeExit', () => fail(unfinished())],
  ];
  for (const [event, listener] of listeners) host.on?.(event, listener);
  return {
    signal: controller.signal,
    overdue,
    status: () => status,
    async ignoring(work) {
      ignored += 1;
      try {
        return await work();
      } finally {
        ignored -= 1;
      }
    },
    stop() {
      clearTimeout(timer);
      for (const [event, listener] of listeners) host.off?.(event, listener);
    },
  };
}

/** Waits for `work`, but once the run was interrupted no longer than {@link graceMs}. */
export async function settled(work: Promise<unknown>, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort = () => {};
  const late = new Promise<void>((resolve) => {
    onAbort = () => {
      timer = setTimeout(resolve, graceMs);
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  await Promise.race([work, late]);
  signal.removeEventListener('abort', onAbort);
  clearTimeout(timer);
}
