import { closeSync, openSync } from 'node:fs';
import type { Host, Progress, Terminal } from '../command.js';
import { UsageError } from '../errors.js';
import { bounded, oneLine, printable, printableJson, printableStyled } from '../text.js';
import { isTerminal } from './descriptor.js';
import { documentText } from './document.js';
import { type Output, openOutput } from './output.js';
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

/** Both streams, and what stands on their last lines. */
interface Screen {
  readonly host: Host;
  readonly options: TerminalOptions;
  readonly out: Output;
  readonly err: Output;
  /** Whether a stream shows colours. It is asked for when it is needed: what writes nothing to a stream has no need of it. */
  color(stream: 'stdout' | 'stderr'): boolean;
  /** Whether a line was begun on stdout. */
  lineOpen: boolean;
  /** The progress that is drawn. */
  drawn: Drawn | undefined;
  /** Whether others write to the streams, too: a project's command, which chooses its lines and colours itself. */
  shared: boolean;
}

function openScreen(host: Host, options: TerminalOptions): Screen {
  return {
    host,
    options,
    out: openOutput(host, 'stdout'),
    err: openOutput(host, 'stderr'),
    color: (stream) => showsColor(() => isTerminal(host, stream), host.env, options),
    lineOpen: false,
    drawn: undefined,
    shared: false,
  };
}

function endLine(screen: Screen): void {
  if (screen.lineOpen) screen.out.write('\n');
  screen.lineOpen = false;
}

function settle(screen: Screen): void {
  screen.drawn?.clear();
  endLine(screen);
}

/** Writes where progress is drawn, which is drawn again afterwards. */
function beside({ drawn }: Screen, write: () => void): void {
  drawn?.clear();
  write();
  drawn?.render();
}

const isShown = ({ options: { json, verbosity } }: Screen, level: number) => !json && verbosity >= level;

/** What is said is one line, whatever line breaks names in it have. */
const asLine = ({ shared }: Screen, line: string) => (shared ? line : oneLine(line));

const shownOn = ({ color }: Screen, stream: 'stdout' | 'stderr', text: string) =>
  color(stream) ? printableStyled(text) : printable(text);

function toStdout(
  screen: Screen,
  line: string,
  { end, level }: { readonly end: string; readonly level: number },
): void {
  if (!isShown(screen, level)) return;
  beside(screen, () => screen.out.write(`${shownOn(screen, 'stdout', asLine(screen, line))}${end}`));
}

function toStderr(screen: Screen, line: string): void {
  beside(screen, () => {
    endLine(screen);
    screen.err.write(`${line}\n`);
  });
}

const isInteractive = ({ host }: Screen) =>
  host.terminal?.interactive ?? (host.stdin.isTTY === true && hasTerminal(host));

/** How one asks on this screen. @throws UsageError where nobody can answer. */
function createAsk(screen: Screen): (how: 'ask' | 'askSecret', question: string) => Promise<string> {
  const { host, options } = screen;
  let prompter = host.terminal;
  return async (how, question) => {
    if (!isInteractive(screen)) {
      throw new UsageError('Cannot prompt: stdin is not a terminal.', {
        code: 'not_interactive',
        hint: 'Use --no-input, and give what is needed as options.',
      });
    }
    settle(screen);
    prompter ??= (await import('./prompter.js')).createPrompter(host, options.signal);
    return prompter[how](printable(question));
  };
}

function openProgress(screen: Screen, label: string): Progress {
  const { host, color } = screen;
  // A terminal that does not say how wide it is has 0 columns, for which ora would clear lines without end.
  const canDraw = isTerminal(host, 'stderr') && (host.stderr.columns ?? 0) > 0;
  if (!isShown(screen, 1) || !canDraw) return { shown: false, update() {}, stop() {} };
  return drawProgress(host.stderr, printable(label), {
    color: color('stderr'),
    onDraw: (line) => {
      screen.drawn = line;
    },
  });
}

async function write(screen: Screen, text: string | Uint8Array): Promise<void> {
  const { host, options, drawn, out, shared } = screen;
  if (options.json) return;
  drawn?.clear();
  // Data as it is, but for what would control the terminal of who looks at it.
  const isLookedAt = typeof text === 'string' && !shared && isTerminal(host, 'stdout');
  await out.writeAll(isLookedAt ? shownOn(screen, 'stdout', text) : text);
}

function warn(screen: Screen, line: string): void {
  // A program reads stderr line by line; who answers questions reads text.
  if (screen.options.json && !isInteractive(screen)) {
    screen.err.write(`${JSON.stringify({ warning: { message: bounded(line) } })}\n`);
  } else toStderr(screen, styleFor(screen.color('stderr')).warning(printable(bounded(asLine(screen, line)))));
}

/** Writes what is left to write; with `--json` that is this one document. */
async function finish(screen: Screen, document: unknown): Promise<void> {
  const { out, options, host } = screen;
  settle(screen);
  if (options.json) {
    const isLookedAt = isTerminal(host, 'stdout');
    for await (const text of documentText(document)) await out.writeAll(isLookedAt ? printableJson(text) : text);
    await out.writeAll('\n');
  }
  await out.flush();
}

/** The terminal of one run, on the host's streams. */
export function createTerminal(host: Host, options: TerminalOptions): OwnedTerminal {
  const { verbosity, json } = options;
  const screen = openScreen(host, options);
  const { out, err, color } = screen;
  const ask = createAsk(screen);
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
      return isInteractive(screen);
    },
    ask: (question) => ask('ask', question),
    askSecret: (question) => ask('askSecret', question),
    confirm: async (question) => (await ask('ask', question)) === 'yes',
    write: (text) => write(screen, text),
    say(line, level = 1) {
      toStdout(screen, line, { end: '\n', level });
      screen.lineOpen = false;
    },
    begin(text, level = 1) {
      toStdout(screen, text, { end: '', level });
      screen.lineOpen = isShown(screen, level);
    },
    note(line, level = 1) {
      if (isShown(screen, level)) toStderr(screen, shownOn(screen, 'stderr', bounded(asLine(screen, line))));
    },
    warn: (line) => warn(screen, line),
    progress: (label) => openProgress(screen, label),
    settle: () => settle(screen),
    finish: (document) => finish(screen, document),
    writeError: (line) => err.write(`${line}\n`),
    async flush() {
      await Promise.allSettled([out.flush(), err.flush()]);
    },
    share() {
      screen.shared = true;
      out.share();
      err.share();
    },
    release() {
      out.release();
      err.release();
    },
  };
}
