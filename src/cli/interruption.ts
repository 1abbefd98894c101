import type { Host } from '../command.js';
import { OperationCancelled } from '../errors.js';

/** How long a command may take to stop after Ctrl-C or SIGTERM before it is left, in milliseconds. */
export const graceMs = 2000;

/** Ctrl-C and SIGTERM, as far as one run is concerned. */
export interface Interruption {
  /** Aborted by the first one. */
  readonly signal: AbortSignal;
  /** Rejects with OperationCancelled where the command has not ended in time, or at the second signal. */
  readonly overdue: Promise<never>;
  /** The status that the process ends with: 130, 143, or undefined where there was none. */
  status(): number | undefined;
  /** Leaves Ctrl-C to another program while `work` goes on. */
  ignoring<T>(work: () => Promise<T>): Promise<T>;
  /** Stops listening. */
  stop(): void;
}

/** Listens to the host's signals. */
export function listen(host: Host): Interruption {
  const controller = new AbortController();
  let status: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let ignored = 0;
  let giveUp = () => {};
  const overdue = new Promise<never>((_, reject) => {
    giveUp = () => reject(new OperationCancelled());
  });
  overdue.catch(() => {});
  const receive = (code: number) => () => {
    if (ignored > 0 && code === 130) return;
    if (status !== undefined) giveUp();
    status ??= code;
    timer ??= setTimeout(giveUp, graceMs);
    controller.abort();
  };
  const listeners: [string, () => void][] = [
    ['SIGINT', receive(130)],
    ['SIGTERM', receive(143)],
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
