import type { Host, Progress, Terminal } from '../command.js';
import { UsageError } from '../errors.js';
import { printable } from '../text.js';
import { showsColor, styleFor } from './style.js';

/** stdout was closed by its reader (`| head`): the run ends quietly with status 0. */
export class OutputClosed extends Error {
  override name = 'OutputClosed';
}

export interface TerminalOptions {
  readonly verbosity: 0 | 1 | 2 | 3;
  readonly json: boolean;
  readonly noColor: boolean;
  readonly forceColor: boolean;
  /** Aborts a question that is waiting. */
  readonly signal: AbortSignal;
}

/** A terminal, and what only its owner does with it. */
export interface OwnedTerminal extends Terminal {
  /** Ends a line that was begun and clears what is drawn, so that an error begins a line of its own. */
  settle(): void;
  /** The one document on stdout; nothing without `--json`. */
  document(value: unknown): Promise<void>;
  /** One line on stderr, as it is. */
  writeError(line: string): void;
  /** Waits until stdout has taken everything, and lets go of the streams. */
  close(): Promise<void>;
}

type Stream = Host['stdout'];

/** Writes that survive a reader who has gone: EPIPE is remembered, never thrown. */
function pipe(stream: Stream) {
  let closed = false;
  const onError = (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    closed = true;
  };
  stream.on('error', onError);
  return {
    get closed() {
      return closed;
    },
    write: (text: string | Uint8Array) => closed || stream.write(text),
    /** Resolves when the stream takes more, or is closed. */
    drained: () =>
      new Promise<void>((resolve) => {
        const done = () => {
          for (const event of ['drain', 'error', 'close']) stream.off(event, done);
          resolve();
        };
        for (const event of ['drain', 'error', 'close']) stream.on(event, done);
      }),
    async close(): Promise<void> {
      if (!closed) await new Promise<void>((resolve) => void stream.write('', () => resolve()));
      await new Promise((resolve) => setImmediate(resolve));
      stream.off('error', onError);
    },
  };
}

const nothing: Progress = { update() {}, stop() {} };

/** The terminal of one run, on the host's streams. */
export function createTerminal(host: Host, options: TerminalOptions): OwnedTerminal {
  const { verbosity, json, signal } = options;
  const out = pipe(host.stdout);
  const err = pipe(host.stderr);
  const style = styleFor(showsColor(host.stdout, host.env, options));
  const errStyle = styleFor(showsColor(host.stderr, host.env, options));
  let lineOpen = false;
  let drawn: { clear(): void; render(): void } | undefined;
  let prompter = host.terminal;

  const aside = (write: () => void) => {
    drawn?.clear();
    write();
    drawn?.render();
  };
  const endLine = () => {
    if (lineOpen) out.write('\n');
    lineOpen = false;
  };
  const toStderr = (line: string) =>
    aside(() => {
      endLine();
      err.write(`${printable(line)}\n`);
    });

  const writeOut = async (text: string | Uint8Array) => {
    if (!out.write(text) && !out.closed) await out.drained();
    if (out.closed) throw new OutputClosed();
  };

  const ask = async (how: 'ask' | 'askSecret', question: string): Promise<string> => {
    if (!interactive()) {
      throw new UsageError('Nobody is there to answer: standard input is no terminal.', {
        code: 'not_interactive',
        hint: 'Use --no-input, and give what is needed as options.',
      });
    }
    endLine();
    const asker = prompter ?? (await import('./prompter.js')).createPrompter(host, signal);
    prompter = asker;
    return asker[how](printable(question));
  };
  const interactive = () => host.terminal?.interactive ?? (host.stdin.isTTY === true && host.stderr.isTTY === true);

  return {
    verbosity,
    json,
    style,
    errStyle,
    get columns() {
      return host.stdout.isTTY === true ? (host.stdout.columns ?? 80) : 80;
    },
    get interactive() {
      return interactive();
    },
    ask: (question) => ask('ask', question),
    askSecret: (question) => ask('askSecret', question),
    confirm: async (question) => (await ask('ask', question)) === 'yes',
    async write(text) {
      if (!json) await writeOut(text);
    },
    say(line, level = 1) {
      if (json || verbosity < level) return;
      aside(() => out.write(`${printable(line)}\n`));
      lineOpen = false;
    },
    begin(text, level = 1) {
      if (json || verbosity < level) return;
      aside(() => out.write(printable(text)));
      lineOpen = true;
    },
    note(line, level = 1) {
      if (verbosity >= level) toStderr(line);
    },
    warn: (line) => toStderr(errStyle.warning(line)),
    progress(_label) {
      if (json || verbosity === 0 || host.stderr.isTTY !== true) return nothing;
      return nothing;
    },
    async document(value) {
      if (json) await writeOut(`${JSON.stringify(value)}\n`);
    },
    writeError: (line) => void err.write(`${line}\n`),
    settle() {
      drawn?.clear();
      drawn = undefined;
      endLine();
    },
    async close() {
      await out.close();
      await err.close();
    },
  };
}
