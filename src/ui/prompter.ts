import { openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { WriteStream } from 'node:tty';
import type { Host, Prompter } from '../command.js';
import { OperationCancelled } from '../errors.js';

type Stdin = Host['stdin'] & { readableEnded?: boolean; destroyed?: boolean; setRawMode?(mode: boolean): unknown };

/** Ends a question: with the answer, or with undefined where it was cancelled. */
type Finish = (answer: string | undefined) => void;

/** What a terminal sends for cursor keys, function keys and Alt. */
const escapeSequence = /\x1b(?:\[[0-?]*[ -/]*[@-~]|O[\s\S]|[\s\S])?/g;

/**
 * Reads from the terminal as far as the first line break, and hands what was typed or pasted beyond it back to the stream
 * for the next question. Returns what stops it.
 */
function readLine(stdin: Stdin, onKeys: (keys: Buffer) => void, onEnd: () => void): () => void {
  const onData = (data: Buffer | string) => {
    const keys = Buffer.from(data);
    const at = keys.findIndex((byte) => byte === 13 || byte === 10);
    const next = keys[at] === 13 && keys[at + 1] === 10 ? at + 2 : at + 1;
    if (at !== -1 && next < keys.length) {
      stdin.pause();
      stdin.unshift(keys.subarray(next));
    }
    onKeys(at === -1 ? keys : keys.subarray(0, at + 1));
  };
  stdin.on('data', onData);
  stdin.on('end', onEnd);
  stdin.on('error', onEnd);
  if (stdin.readableEnded || stdin.destroyed) queueMicrotask(onEnd);
  stdin.resume();
  return () => {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdin.off('error', onEnd);
    stdin.pause();
  };
}

function editLine(stdin: Stdin, output: NodeJS.WritableStream, question: string, finish: Finish): () => void {
  const input = new PassThrough();
  const editor = createInterface({ input, output, terminal: true, historySize: 0 });
  const cancel = () => {
    output.write('\n');
    finish(undefined);
  };
  editor.on('line', finish);
  editor.on('SIGINT', cancel);
  editor.on('close', cancel);
  // Suspending would leave the shell with a terminal in raw mode.
  editor.on('SIGTSTP', () => {});
  editor.setPrompt(question);
  editor.prompt();
  const stop = readLine(stdin, (keys) => void input.write(keys), cancel);
  return () => {
    stop();
    for (const event of ['line', 'SIGINT', 'close']) editor.removeAllListeners(event);
    editor.close();
  };
}

function readSecret(stdin: Stdin, output: NodeJS.WritableStream, question: string, finish: Finish): () => void {
  const decoder = new StringDecoder('utf8');
  let typed: string[] = [];
  const end = (answer: string | undefined) => {
    output.write('\n');
    finish(answer);
  };
  output.write(question);
  const onKeys = (keys: Buffer) => {
    for (const key of decoder.write(keys).replace(escapeSequence, '')) {
      if (key === '\r' || key === '\n') return end(typed.join(''));
      if (key === '\x03' || (key === '\x04' && typed.length === 0)) return end(undefined);
      if (key === '\x7f' || key === '\b') typed.pop();
      else if (key === '\x15' || key === '\x17') typed = [];
      else if (key >= ' ' || key === '\t') typed.push(key);
    }
  };
  return readLine(stdin, onKeys, () => end(undefined));
}

/**
 * Asks on a real terminal. Questions go to stderr, or to the terminal itself where stderr is none; stdin is only read
 * while a question waits, and the terminal is as it was after every answer.
 */
export function createPrompter(host: Host, signal: AbortSignal): Prompter {
  const stdin: Stdin = host.stdin;

  const prompt = (read: typeof readSecret, question: string): Promise<string> =>
    new Promise((resolve, reject) => {
      if (signal.aborted) return reject(new OperationCancelled());
      const own = host.stderr.isTTY === true ? undefined : new WriteStream(openSync('/dev/tty', 'w'));
      const output = own ?? host.stderr;
      let stop = () => {};
      let finished = false;
      const finish: Finish = (answer) => {
        if (finished) return;
        finished = true;
        signal.removeEventListener('abort', onAbort);
        stop();
        stdin.setRawMode?.(false);
        own?.destroy();
        if (answer === undefined) reject(new OperationCancelled());
        else resolve(answer);
      };
      const onAbort = () => {
        output.write('\n');
        finish(undefined);
      };
      signal.addEventListener('abort', onAbort);
      stdin.setRawMode?.(true);
      stop = read(stdin, output, question, finish);
    });

  return {
    interactive: true,
    ask: (question) => prompt(editLine, question),
    askSecret: (question) => prompt(readSecret, question),
  };
}
