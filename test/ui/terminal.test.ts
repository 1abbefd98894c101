import { PassThrough, Writable } from 'node:stream';
import { expect, test } from 'vitest';
import type { Host } from '../../src/command.js';
import { OperationCancelled } from '../../src/errors.js';
import { OutputClosed } from '../../src/ui/output.js';
import { createTerminal, type TerminalOptions } from '../../src/ui/terminal.js';

/** A terminal's stdin: remembers whether it is in raw mode. */
class FakeStdin extends PassThrough {
  isTTY = true;
  raw = false;
  setRawMode(mode: boolean): this {
    this.raw = mode;
    return this;
  }
}

/** A terminal's screen. */
class Screen extends Writable {
  isTTY = true;
  columns = 80;
  shown = '';
  override _write(chunk: Buffer, _: string, done: () => void): void {
    this.shown += chunk.toString();
    done();
  }
  // What ora calls, as a terminal's stream has it.
  cursorTo = (x: number) => this.write(`\x1b[${x + 1}G`);
  clearLine = () => this.write('\x1b[2K');
  moveCursor = () => true;
  /** Resolves once the screen shows `text`. */
  async until(text: string): Promise<void> {
    while (!this.shown.includes(text)) await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

function open(options: Partial<TerminalOptions> = {}, { stdoutIsTerminal = true } = {}) {
  const stdin = new FakeStdin();
  const stdout = new Screen();
  const stderr = new Screen();
  stdout.isTTY = stdoutIsTerminal;
  const host: Host = { stdin, stdout, stderr, env: {}, cwd: () => '/' };
  const controller = new AbortController();
  const terminal = createTerminal(host, {
    verbosity: 1,
    json: false,
    noColor: true,
    forceColor: false,
    signal: controller.signal,
    ...options,
  });
  return { terminal, stdin, stdout, stderr, abort: () => controller.abort() };
}

/** Asks, types `keys` once the question stands there, and gives what came of it. */
async function answer(how: 'ask' | 'askSecret', keys: string | Buffer | readonly (string | Buffer)[]) {
  const opened = open();
  const { terminal, stdin, stderr, stdout } = opened;
  const answered = terminal[how]('Question: ').then(
    (text) => ({ text }),
    (error: unknown) => ({ error }),
  );
  await stderr.until('Question: ');
  expect(stdin.raw).toBe(true);
  for (const part of typeof keys === 'string' || Buffer.isBuffer(keys) ? [keys] : keys) {
    stdin.write(part);
    await new Promise((resolve) => setImmediate(resolve));
  }
  const result = await answered;
  expect({
    raw: stdin.raw,
    paused: stdin.isPaused(),
    listeners: stdin.listenerCount('data'),
    stdout: stdout.shown,
  }).toEqual({
    raw: false,
    paused: true,
    listeners: 0,
    stdout: '',
  });
  return { ...result, screen: stderr.shown };
}

test.each([
  ['bob\r', 'bob'],
  ['bob\n', 'bob'],
  ['\r', ''],
  ['bop\x7fb\r', 'bob'],
  ['nope\x15bob\r', 'bob'],
  ['Jürgen 日本 😀\r', 'Jürgen 日本 😀'],
  ['bo\x1ab\r', 'bob'],
])('a line is edited: %j', async (keys, text) => {
  expect(await answer('ask', keys)).toMatchObject({ text });
});

test.each([
  ['pässwörd 😀\r', 'pässwörd 😀'],
  ['secret\n', 'secret'],
  ['\r', ''],
  [' tab\tand space \r', ' tab\tand space '],
  ['secreT\x7ft\r', 'secret'],
  ['😀x\x7f\x7fsecret\r', 'secret'],
  ['\x7f\bsecret\r', 'secret'],
  ['wrong\x15secret\r', 'secret'],
  ['wrong\x17secret\r', 'secret'],
  ['se\x1b[A\x1b[3~\x1bOAcret\r', 'secret'],
  ['\x1b[200~secret\x1b[201~\r', 'secret'],
  ['secret\x04\r', 'secret'],
  ['sec\x00\x01ret\r', 'secret'],
])('a secret is read and not shown: %j', async (keys, text) => {
  expect(await answer('askSecret', keys)).toEqual({ text, screen: 'Question: \n' });
});

test('a letter that arrives in two pieces stays one letter', async () => {
  const bytes = Buffer.from('é\r');
  expect(await answer('askSecret', [bytes.subarray(0, 1), bytes.subarray(1)])).toMatchObject({ text: 'é' });
  expect(await answer('ask', [bytes.subarray(0, 1), bytes.subarray(1)])).toMatchObject({ text: 'é' });
});

test.each([
  ['ask', '\x03'],
  ['ask', 'bo\x03'],
  ['ask', '\x04'],
  ['askSecret', '\x03'],
  ['askSecret', 'sec\x03'],
  ['askSecret', '\x04'],
] as const)('%s is cancelled by %j', async (how, keys) => {
  const { screen, ...result } = await answer(how, keys);
  expect(result).toEqual({ error: expect.any(OperationCancelled) });
  expect(screen.endsWith('\n')).toBe(true);
  expect(screen).not.toContain('sec');
});

test.each(['ask', 'askSecret'] as const)('%s is cancelled by the end of input and by a signal', async (how) => {
  for (const end of [
    ({ stdin }: ReturnType<typeof open>) => stdin.end(),
    ({ stdin }: ReturnType<typeof open>) => stdin.destroy(new Error('EIO')),
    ({ abort }: ReturnType<typeof open>) => abort(),
  ]) {
    const opened = open();
    const asked = opened.terminal[how]('Question: ');
    asked.catch(() => {});
    await opened.stderr.until('Question: ');
    end(opened);
    await expect(asked).rejects.toBeInstanceOf(OperationCancelled);
    expect(opened.stdin.raw).toBe(false);
    expect(opened.stderr.shown.endsWith('\n')).toBe(true);
    await expect(opened.terminal[how]('Again: ')).rejects.toBeInstanceOf(OperationCancelled);
  }
});

test('cursor keys move within the line', async () => {
  expect(await answer('ask', ['bb', '\x1b[D', 'o', '\r'])).toMatchObject({ text: 'bob' });
});

test('what is pasted beyond a line answers the next questions', async () => {
  const { terminal, stdin, stderr } = open();
  const name = terminal.ask('Name: ');
  await stderr.until('Name: ');
  stdin.write('bob\r\nsecret\nsecret\ry');
  expect(await name).toBe('bob');
  expect(await terminal.askSecret('Password: ')).toBe('secret');
  expect(await terminal.askSecret('Again: ')).toBe('secret');
  const sure = terminal.ask('Sure? ');
  await stderr.until('Sure? ');
  stdin.write('es\r');
  expect(await sure).toBe('yes');
  expect(stderr.shown).not.toContain('secret');
});

test('a question after a begun line begins a line of its own', async () => {
  const { terminal, stdin, stdout, stderr } = open();
  terminal.begin('Working...');
  const asked = terminal.ask('Sure? ');
  await stderr.until('Sure? ');
  expect(stdout.shown).toBe('Working...\n');
  stdin.write('no\r');
  expect(await asked).toBe('no');
});

test('only a terminal answers', () => {
  const { terminal, stdin } = open();
  expect(terminal.interactive).toBe(true);
  stdin.isTTY = false;
  expect(terminal.interactive).toBe(false);
});

test('columns are those of the terminal, else 80', () => {
  const { terminal, stdout } = open();
  stdout.columns = 132;
  expect(terminal.columns).toBe(132);
  expect(open({}, { stdoutIsTerminal: false }).terminal.columns).toBe(80);
});

test('progress is drawn on a terminal after a moment, makes way for lines, and goes away', async () => {
  const { terminal, stderr, stdout } = open();
  const progress = terminal.progress('Reading users');
  progress.update(10, 40);
  await stderr.until('Reading users 10 of 40 (25 %)');
  progress.update(20);
  await stderr.until('Reading users 20');
  terminal.say('A line.');
  progress.stop();
  progress.stop();
  expect(stdout.shown).toBe('A line.\n');
  const cleared = stderr.shown.lastIndexOf('\x1b[2K');
  expect(stderr.shown.slice(cleared)).not.toContain('Reading');
  expect(stderr.shown).toContain('\x1b[?25h');
});

test.each([{ json: true }, { verbosity: 0 as const }])('progress is quiet with %j', async (options) => {
  const { terminal, stderr } = open(options);
  const progress = terminal.progress('Reading users');
  await new Promise((resolve) => setTimeout(resolve, 400));
  progress.update(1);
  progress.stop();
  expect(stderr.shown).toBe('');
});

test('a terminal that does not say how wide it is counts as 80 columns, and shows no progress', async () => {
  const { terminal, stdout, stderr } = open();
  stdout.columns = 0;
  stderr.columns = 0;
  expect(terminal.columns).toBe(80);
  const progress = terminal.progress('Reading users');
  await new Promise((resolve) => setTimeout(resolve, 400));
  progress.stop();
  expect(stderr.shown).toBe('');
});

test('short work shows no progress', async () => {
  const { terminal, stderr } = open();
  terminal.progress('Reading users').stop();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(stderr.shown).toBe('');
});

/** A pipe whose reader takes nothing until it is told to, or goes away. */
class SlowPipe extends Writable {
  private release = () => {};
  constructor() {
    super({ highWaterMark: 4 });
  }
  override _write(_chunk: Buffer, _: string, done: (error?: Error) => void): void {
    this.release = done;
  }
  take(): void {
    this.release();
  }
}

function openOn(stdout: Writable) {
  const host: Host = { stdin: new FakeStdin(), stdout, stderr: new Screen(), env: {}, cwd: () => '/' };
  const { signal } = new AbortController();
  return createTerminal(host, { verbosity: 1, json: false, noColor: true, forceColor: false, signal });
}

test('data waits for a slow reader', async () => {
  const stdout = new SlowPipe();
  const terminal = openOn(stdout);
  let written = false;
  const writing = terminal.write('much data').then(() => {
    written = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(written).toBe(false);
  stdout.take();
  await writing;
});

test('a reader who goes away ends the writing, and sentences are dropped', async () => {
  const stdout = new SlowPipe();
  const terminal = openOn(stdout);
  const writing = terminal.write('much data');
  stdout.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
  await expect(writing).rejects.toBeInstanceOf(OutputClosed);
  terminal.say('dropped');
  await expect(terminal.finish(null)).rejects.toBeInstanceOf(OutputClosed);
});

test('a full disk is a sentence', async () => {
  const stdout = new Writable({
    write: (_chunk, _encoding, done) => done(Object.assign(new Error('ENOSPC: no space left'), { code: 'ENOSPC' })),
  });
  const terminal = openOn(stdout);
  terminal.say('lost');
  await expect(terminal.finish(null)).rejects.toMatchObject({
    code: 'output_failed',
    message: 'Standard output cannot be written: ENOSPC: no space left.',
  });
});
