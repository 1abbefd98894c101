import { EventEmitter } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { afterEach, expect, test, vi } from 'vitest';
import { main } from '../../src/app/main.js';
import { temporaryFolder } from '../helpers/manage.js';

afterEach(() => void vi.unstubAllGlobals());

/** Starts a command whose `run` has this body; resolves once it has said `ready`, and its first statements have run. */
async function start(body: string, args: readonly string[] = []) {
  const cwd = temporaryFolder({
    'manage.config.json': '{}',
    'commands/demo.mjs': `export default { describe: 'x', async run({ terminal, signal, connect }) {
      const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms)); void wait; void connect;
      terminal.begin('ready'); globalThis.demoBegins?.(); ${body} } };`,
  });
  const events = new EventEmitter();
  const text = { stdout: '', stderr: '' };
  const collect = (name: keyof typeof text) =>
    new Writable({
      write(chunk, _, done) {
        text[name] += chunk;
        done();
      },
    });
  const begun = new Promise<void>((resolve) => void vi.stubGlobal('demoBegins', resolve));
  const exited = main(['demo', ...args], {
    stdin: Readable.from([]),
    stdout: collect('stdout'),
    stderr: collect('stderr'),
    env: {},
    cwd: () => cwd,
    on: (event, listener) => events.on(event, listener),
    off: (event, listener) => events.off(event, listener),
  });
  await begun;
  const started = Date.now();
  const ended = async () => {
    const exitCode = await exited;
    expect(events.eventNames()).toEqual([]);
    return { exitCode, ...text, ms: Date.now() - started };
  };
  return { events, ended };
}

const untilAborted = "await new Promise((resolve) => signal.addEventListener('abort', resolve));";

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
])('%s lets the command stop at a safe place', async (signal, exitCode) => {
  const { events, ended } = await start(
    `${untilAborted} await wait(50); terminal.say(', stopped'); return { json: 1 };`,
  );
  events.emit(signal);
  expect(await ended()).toMatchObject({
    exitCode,
    stdout: 'ready, stopped\n',
    stderr: 'Operation cancelled.\n',
  });
});

test('what a command throws because it was interrupted is not shown', async () => {
  const { events, ended } = await start(`${untilAborted} throw new Error('connection lost');`);
  events.emit('SIGINT');
  expect(await ended()).toMatchObject({ exitCode: 130, stdout: 'ready\n', stderr: 'Operation cancelled.\n' });
});

test('a command that does not stop is left after a moment', async () => {
  const { events, ended } = await start('await new Promise(() => {});');
  events.emit('SIGTERM');
  const { ms, ...result } = await ended();
  expect(result).toMatchObject({ exitCode: 143, stderr: 'Operation cancelled.\n' });
  expect(ms).toBeGreaterThan(1500);
});

test('a second Ctrl-C leaves it at once', async () => {
  const { events, ended } = await start('await new Promise(() => {});');
  // No timer ends it: none goes off.
  vi.useFakeTimers({ toFake: ['setTimeout'] });
  try {
    events.emit('SIGINT');
    events.emit('SIGINT');
    expect(await ended()).toMatchObject({ exitCode: 130, stderr: 'Operation cancelled.\n' });
  } finally {
    vi.useRealTimers();
  }
});

test('with --json there is no document, and the error is one', async () => {
  const { events, ended } = await start(`${untilAborted} return { json: 1 };`, ['--json']);
  events.emit('SIGINT');
  const { exitCode, stdout, stderr } = await ended();
  expect({ exitCode, stdout }).toEqual({ exitCode: 130, stdout: '' });
  expect(JSON.parse(stderr)).toEqual({ error: { code: 'cancelled', message: 'Operation cancelled.', hint: null } });
});
