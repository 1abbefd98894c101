import type { Host, Progress } from '../command.js';

/** A line that something else must not be written into. */
export interface Drawn {
  clear(): void;
  render(): void;
}

/** Work that ends sooner shows no progress, in milliseconds. */
const delayMs = 250;

/** Draws progress on `stream`, a terminal; `onDraw` is told what is drawn, and undefined when it is gone. */
export function drawProgress(
  stream: Host['stderr'],
  label: string,
  { color, onDraw }: { readonly color: boolean; readonly onDraw: (drawn: Drawn | undefined) => void },
): Progress {
  let text = label;
  let stopped = false;
  let spinner: import('ora').Ora | undefined;
  const draw = async () => {
    const { default: ora } = await import('ora');
    if (stopped) return;
    spinner = ora({ text, stream, color: color ? 'cyan' : false, discardStdin: false, isEnabled: true }).start();
    onDraw({ clear: () => spinner?.clear(), render: () => spinner?.render() });
  };
  // Work goes on where its progress cannot be shown.
  const timer = setTimeout(() => void draw().catch(() => {}), delayMs);
  return {
    shown: true,
    update(done, total) {
      const share = total === undefined || total === 0 ? '' : ` of ${total} (${Math.floor((100 * done) / total)} %)`;
      text = `${label} ${done}${share}`;
      if (spinner !== undefined) spinner.text = text;
    },
    stop() {
      stopped = true;
      clearTimeout(timer);
      spinner?.stop();
      spinner = undefined;
      onDraw(undefined);
    },
  };
}
