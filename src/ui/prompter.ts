import { createInterface } from 'node:readline';
import { PassThrough } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import type { Host, Prompter } from '../command.js';
import { OperationCancelled } from '../errors.js';

/** What a terminal's stdin has besides being readable. */
interface Raw {
  setRawMode?(mode: boolean): unknown;
}

const lineEnd = /[\r\n]/;

/**
 * Reads from the terminal until the first line break, and hands what was typed or pasted beyond it back to the stream for
 * the next question.
 */
function readKeys(stdin: Host['stdin'] & Raw, onKeys: (keys: Buffer) => void, onEnd: () => void): () => void {
  const onData = (data: Buffer | string) => {
    const chunk = typeof data === 'string' ? Buffer.from(data) : data;
    const at = chunk.findIndex((byte) => byte === 13 || byte === 10);
    if (at !== -1 && at + 1 < chunk.length) {
      stdin.pause();
      stdin.unshift(chunk.subarray(at + 1));
    }
    onKeys(at === -1 ? chunk : chunk.subarray(0, at + 1));
  };
  stdin.on('data', onData);
  stdin.on('end', onEnd);
  stdin.resume();
  return () => {
    stdin.off('data', onData);
    stdin.off('end', onEnd);
    stdin.pause();
  };
}

/** Asks on a real terminal: questions go to stderr, and the terminal is as it was after every answer. */
export function createPrompter(host: Host, signal: AbortSignal): Prompter {
  const stdin: Host['stdin'] & Raw = host.stdin;
  const { stderr } = host;

  /** Puts the terminal into raw mode for `read`, and back whatever happens. */
  const question = (read: (finish: (answer: string | undefined) => void) => () => void): Promise<string> =>
    new Promise((resolve, reject) => {
      let stop = () => {};
      let finished = false;
      const finish = (answer: string | undefined) => {
        if (finished) return;
        finished = true;
        signal.removeEventListener('abort', onAbort);
        stop();
        stdin.setRawMode?.(false);
        if (answer === undefined) reject(new OperationCancelled());
        else resolve(answer);
      };
      const onAbort = () => {
        stderr.write('\n');
        finish(undefined);
      };
      if (signal.aborted) {
        reject(new OperationCancelled());
        return;
      }
      signal.addEventListener('abort', onAbort);
      stdin.setRawMode?.(true);
      stop = read(finish);
    });

  return {
    interactive: true,
    ask: (text) =>
      question((finish) => {
        const input = new PassThrough();
        const editor = createInterface({ input, output: stderr, terminal: true, historySize: 0 });
        const cancel = () => {
          stderr.write('\n');
          finish(undefined);
        };
        editor.once('line', (line) => finish(line));
        editor.once('SIGINT', cancel);
        editor.once('close', () => cancel());
        editor.setPrompt(text);
        editor.prompt();
        const stopKeys = readKeys(
          stdin,
          (keys) => void input.write(keys),
          () => editor.close(),
        );
        return () => {
          stopKeys();
          editor.removeAllListeners();
          editor.close();
        };
      }),
    askSecret: (text) =>
      question((finish) => {
        const decoder = new StringDecoder('utf8');
        let typed: string[] = [];
        const cancel = () => {
          stderr.write('\n');
          finish(undefined);
        };
        stderr.write(text);
        return readKeys(
          stdin,
          (keys) => {
            for (const key of decoder.write(keys)) {
              if (lineEnd.test(key)) {
                stderr.write('\n');
                finish(typed.join(''));
              } else if (key === '\x03' || (key === '\x04' && typed.length === 0)) cancel();
              else if (key === '\x7f' || key === '\b') typed.pop();
              else if (key === '\x15') typed = [];
              else if (key >= ' ') typed.push(key);
            }
          },
          cancel,
        );
      }),
  };
}
