import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { withVary } from './cookies.js';
import type { Refusal } from './guards.js';
import type { ResponseParts } from './request-context.js';

type Method = 'writeHead' | 'flushHeaders' | 'write' | 'end';
/** A response's method, with the arguments that it was called with. */
type Call = readonly [method: Method, args: readonly unknown[]];
/** What becomes of the response: nothing is written yet, its head waits, it goes its way, or another one is sent. */
type State = 'open' | 'held' | 'passed' | 'replaced';

/**
 * Holds a response's head back, by whatever it is begun (`writeHead`, `write`, `end`, `flushHeaders`, a pipe), until `finish`
 * has done its work; then goes on with its headers added. To its writers it looks as if the head were on its way. Where
 * `finish` fails, the response is the one of `refuse` instead, and what is written to the other one is dropped.
 */
export function holdHead(
  response: ServerResponse,
  finish: (status: number) => Promise<ResponseParts>,
  refuse: (error: unknown) => Refusal,
): void {
  const original = {
    writeHead: response.writeHead,
    flushHeaders: response.flushHeaders,
    write: response.write,
    end: response.end,
  };
  const prototype: object = Object.getPrototypeOf(response);
  const calls: Call[] = [];
  let state: State = 'open';

  const run = (method: Method, args: readonly unknown[]): unknown => Reflect.apply(original[method], response, args);
  const has = (method: Method) => calls.some(([each]) => each === method);

  // Node's own getters are those of the prototype; taking properties away again would make the object slow.
  const inherited = (name: 'headersSent' | 'writableEnded') => Reflect.get(prototype, name, response);
  Object.defineProperties(response, {
    headersSent: { configurable: true, get: () => state === 'held' || inherited('headersSent') },
    writableEnded: { configurable: true, get: () => (state === 'held' ? has('end') : inherited('writableEnded')) },
  });

  function hold() {
    state = 'held';
    const { statusCode } = response;
    // While the head waits, what comes too late fails as it does afterwards.
    const { setHeader, appendHeader, removeHeader } = response;
    const tooLate = () => {
      throw headersSent('set');
    };
    Object.assign(response, { setHeader: tooLate, appendHeader: tooLate, removeHeader: tooLate });
    const release = (next: State) => {
      state = next;
      Object.assign(response, { setHeader, appendHeader, removeHeader, statusCode });
    };
    finish(statusCode).then(
      (parts) => {
        release('passed');
        if (!response.headersSent) addParts(response, parts);
        replay();
      },
      (error: unknown) => {
        release('replaced');
        replace(refuse(error));
      },
    );
  }

  function replay() {
    let flowing = true;
    for (const [method, args] of calls) {
      const result = run(method, args);
      if (method === 'write') flowing = result === true;
    }
    if (has('write') && flowing && !response.writableEnded) response.emit('drain');
  }

  function replace({ status, headers, body }: Refusal) {
    if (!response.headersSent) {
      for (const name of response.getHeaderNames()) if (isOfContent(name)) response.removeHeader(name);
      response.statusCode = status;
      response.statusMessage = '';
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader('Content-Length', Buffer.byteLength(body));
    }
    // By itself, since what is written to the other response goes nowhere now.
    run('writeHead', [status]);
    run('end', [body]);
    for (const [, args] of calls) callBack(args);
    if (has('write') && !has('end')) response.emit('drain');
  }

  /** `whileHeld` is what its caller gets while the head waits, `whenReplaced` when nothing is made of it. */
  function take(method: Method, args: readonly unknown[], whileHeld: unknown, whenReplaced: unknown): unknown {
    if (state === 'passed') return run(method, args);
    if (state === 'replaced') {
      callBack(args);
      return whenReplaced;
    }
    if (state === 'open') hold();
    if (!has('end')) calls.push([method, args]);
    return whileHeld;
  }

  const wrapped = {
    writeHead(status: number, ...rest: unknown[]) {
      if (state === 'passed') return run('writeHead', [status, ...rest]);
      if (state === 'replaced') return response;
      if (state === 'held') throw headersSent('write');
      const [message, headers] = typeof rest[0] === 'string' ? [rest[0], rest[1]] : [undefined, rest[1] ?? rest[0]];
      response.statusCode = status;
      if (message !== undefined) response.statusMessage = message;
      setHeaders(response, headers);
      take('writeHead', [status], undefined, undefined);
      return response;
    },
    flushHeaders: () => take('flushHeaders', [], undefined, undefined),
    write: (...args: unknown[]) => take('write', args, false, true),
    end: (...args: unknown[]) => take('end', args, response, response),
  };
  Object.assign(response, wrapped);
}

/** What is said of a body that is not sent; the rest, such as a content security policy, stays. */
function isOfContent(name: string): boolean {
  return /^(content-(?!security)|transfer-encoding$|etag$|last-modified$|location$|set-cookie$|cache-control$|expires$|accept-ranges$|trailer$)/i.test(
    name,
  );
}

function callBack(args: readonly unknown[]): void {
  const callback = args.find((each) => typeof each === 'function');
  if (callback !== undefined) process.nextTick(callback as () => void);
}

function headersSent(what: string): Error {
  const error = new Error(`Cannot ${what} headers after they are sent to the client`);
  return Object.assign(error, { code: 'ERR_HTTP_HEADERS_SENT' });
}

/** As `writeHead` takes them: an object, or names and values in turn, or pairs of them. */
function setHeaders(response: ServerResponse, headers: unknown): void {
  if (typeof headers !== 'object' || headers === null) return;
  if (!Array.isArray(headers)) {
    for (const [name, value] of Object.entries(headers as OutgoingHttpHeaders)) {
      if (value !== undefined) response.setHeader(name, value);
    }
    return;
  }
  const list: readonly (OutgoingHttpHeader | readonly [string, OutgoingHttpHeader])[] = headers;
  const pairs = list.flatMap((each, index): [string, OutgoingHttpHeader][] => {
    if (Array.isArray(each) && Array.isArray(headers[0])) return [[String(each[0]), each[1] ?? '']];
    return index % 2 === 0 ? [[String(each), headers[index + 1] ?? '']] : [];
  });
  for (const name of new Set(pairs.map(([each]) => each.toLowerCase()))) response.removeHeader(name);
  for (const [name, value] of pairs) {
    response.appendHeader(name, Array.isArray(value) ? value.map(String) : String(value));
  }
}

/** Adds a session's headers to a response whose head has not been sent. */
export function addParts(response: ServerResponse, { cookies, varyCookie }: ResponseParts): void {
  for (const cookie of cookies) response.appendHeader('Set-Cookie', cookie);
  if (!varyCookie) return;
  const vary = response.getHeader('Vary');
  response.setHeader('Vary', withVary(Array.isArray(vary) ? vary.join(', ') : vary?.toString(), 'Cookie'));
}
