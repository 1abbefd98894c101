import { closeSync, openSync } from 'node:fs';
import type { Host, Terminal } from '../command.js';
import { UsageError } from '../errors.js';
import { printable, printableStyled } from '../text.js';
import { isTerminal } from './descriptor.js';
import { documentText } from './document.js';
import { openOutput } from './output.js';
import { type Drawn, drawProgress } from './progress.js';
import { showsColor, styleFor } from './style.js';

export interface TerminalOptions {
  readonly verbosity: 0 | 1 | 2 | 3;
  readonly json: boolean;
  readonly noColor: boolean;
  readonly forceColor: boolean;
  /** Ends a question that waits. */
  readonly signal: AbortSignal;
}

/** A terminal, and what only its owner does with it. */
export interface OwnedTerminal extends Terminal {
  /** Takes away what is drawn and ends a line that was begun, so that an error begins a line of its own. */
  settle(): void;
  /** Waits until stdout has everything; with `--json` that is this one document. */
  finish(document: unknown): Promise<void>;
  /** One line on stderr, as it is. */
  writeError(line: string): void;
  /** Waits until everything is written, or cannot be. */
  flush(): Promise<void>;
  /** Writes to the streams alone from now on, because others write to them as well. */
  share(): void;
  /** Lets go of the streams. */
  release(): void;
}

/** Whether questions can be shown where stderr goes to a file: on the terminal that the process belongs to. */
function hasTerminal(host: Host): boolean {
  if (isTerminal(host, 'stderr')) return true;
  if (host.stdin !== process.stdin) return false;
  try {
    closeSync(openSync('/dev/tty', 'w'));
    return true;
  } catch {
    return false;
  }
}

/** The terminal of one run, on the host's streams. */
export function createTerminal(host: Host, options: TerminalOptions): OwnedTerminal {
  const { verbosity, json, signal } = options;
  const out = openOutput(host, 'stdout');
  const err = openOutput(host, 'stderr');
  // Each is asked for when it is needed: what writes nothing to a stream has no need of it.
  const color = (stream: 'stdout' | 'stderr') => showsColor(() => isTerminal(host, stream), host.env, options);
  let prompter = host.terminal;
  let lineOpen = false;
  let drawn: Drawn | undefined;

  const endLine = () => {
    if (lineOpen) out.write('\n');
    lineOpen = false;
  };
  const beside = (write: () => void) => {
    drawn?.clear();
    write();
    drawn?.render();
  };
  const toStdout = (text: string, level: number) => {
    if (!json && verbosity >= level) beside(() => out.write(color('stdout') ? printableStyled(text) : printable(text)));
  };
  const toStderr = (line: string) =>
    beside(() => {
      endLine();
      err.write(`${line}\n`);
    });

  const interactive = () => host.terminal?.interactive ?? (host.stdin.isTTY === true && hasTerminal(host));
  const ask = async (how: 'ask' | 'askSecret', question: string): Promise<string> => {
    if (!interactive()) {
      throw new UsageError('Nobody can answer here: standard input is no terminal.', {
        code: 'not_interactive',
        hint: 'Use --no-input, and give what is needed as options.',
      });
    }
    settle();
    prompter ??= (await import('./prompter.js')).createPrompter(host, signal);
    return prompter[how](printable(question));
  };
  const settle = () => {
    drawn?.clear();
    endLine();
  };

  return {
    verbosity,
    json,
    get style() {
      return styleFor(color('stdout'));
    },
    get errStyle() {
      return styleFor(color('stderr'));
    },
    get toTerminal() {
      return isTerminal(host, 'stdout');
    },
    get columns() {
      return (isTerminal(host, 'stdout') && host.stdout.columns) || 80;
    },
    get interactive() {
      return interactive();
    },
    ask: (question) => ask('ask', question),
    askSecret: (question) => ask('askSecret', question),
    confirm: async (question) => (await ask('ask', question)) === 'yes',
    async write(text) {
      if (json) return;
      drawn?.clear();
      await out.writeAll(text);
    },
    say(line, level = 1) {
      toStdout(`${line}\n`, level);
      lineOpen = false;
    },
    begin(text, level = 1) {
      toStdout(text, level);
      lineOpen = !json && verbosity >= level;
    },
    note(line, level = 1) {
      if (!json && verbosity >= level) toStderr(color('stderr') ? printableStyled(line) : printable(line));
    },
    warn(line) {
      // A program reads stderr line by line; who answers questions reads text.
      if (json && !interactive()) err.write(`${JSON.stringify({ warning: { message: line } })}\n`);
      else toStderr(styleFor(color('stderr')).warning(printable(line)));
    },
    progress(label) {
      // A terminal that does not say how wide it is has 0 columns, for which ora would clear lines without end.
      const canDraw = isTerminal(host, 'stderr') && (host.stderr.columns ?? 0) > 0;
      if (json || verbosity === 0 || !canDraw) return { shown: false, update() {}, stop() {} };
      return drawProgress(host.stderr, printable(label), {
        color: color('stderr'),
        onDraw: (line) => {
          drawn = line;
        },
      });
    },
    settle,
    async finish(document) {
      settle();
      if (json) {
        for await (const text of documentText(document)) await out.writeAll(text);
        await out.writeAll('\n');
      }
      await out.flush();
    },
    writeError: (line) => err.write(`${line}\n`),
    async flush() {
      await Promise.allSettled([out.flush(), err.flush()]);
    },
    share() {
      out.share();
      err.share();
    },
    release() {
      out.release();
      err.release();
    },
  };
}
