import type { OutgoingHttpHeader, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { withVary } from './cookies.js';
import type { Refusal } from './guards.js';
import type { ResponseParts } from './request-context.js';

type Method = 'writeHead' | 'flushHeaders' | 'write' | 'end';
/** A response's method, with the arguments that it was called with. */
type Call = readonly [method: Method, args: readonly unknown[]];

/**
 * Holds a response's head back, by whatever it is begun (`writeHead`, `write`, `end`, `flushHeaders`, a pipe), until `finish`
 * has done its work; then goes on with its headers added. To its writers it looks as if the head were on its way. Where
 * `finish` fails, the response is the one of `refuse` instead, and what is written to the other one is dropped.
 * It is long because all of it turns on what has become of one response, which nobody else may see.
 */
export function holdHead(
  response: ServerResponse,
  finish: (status: number) => ResponseParts | Promise<ResponseParts>,
  refuse: (error: unknown) => Refusal,
): void {
  (response as Held)[headKey] = new Head(response, finish, refuse);
  // One by one: `Object.assign` takes far longer, above all where Express has given the response a prototype of its own.
  const own = response as unknown as Record<Method, unknown>;
  own.writeHead = methods.writeHead;
  own.flushHeaders = methods.flushHeaders;
  own.write = methods.write;
  own.end = methods.end;
}

const headKey = Symbol('manage-auth');
type Held = ServerResponse & { [headKey]?: Head };

function headOf(response: ServerResponse): Head {
  const head = (response as Held)[headKey];
  if (head === undefined) throw new TypeError('This response is none whose head is held.');
  return head;
}

// The same functions for all responses, which keeps these alike for the engine.
const methods: Readonly<Record<Method, unknown>> & ThisType<ServerResponse> = {
  writeHead(...args: [number, ...unknown[]]) {
    return headOf(this).writeHead(args);
  },
  flushHeaders() {
    const head = headOf(this);
    // As Node's own does, so that who has put itself before `writeHead`, to compress the body say, learns of it before that.
    if (head.isOpen) this.writeHead(this.statusCode);
    return head.take('flushHeaders', [], undefined, undefined);
  },
  write(...args: unknown[]) {
    return headOf(this).take('write', args, false, true);
  },
  end(...args: unknown[]) {
    return headOf(this).take('end', args, this, this);
  },
};

/** What a response says of itself while its head waits. */
const appearance: PropertyDescriptorMap & ThisType<ServerResponse> = {
  headersSent: {
    configurable: true,
    get() {
      return headOf(this).isHeld || inherited(this, 'headersSent');
    },
  },
  writableEnded: {
    configurable: true,
    get() {
      const head = headOf(this);
      return head.isHeld ? head.has('end') : inherited(this, 'writableEnded');
    },
  },
};

// Node's own getters are those of the prototype; taking properties away again would make the object slow.
const inherited = (response: ServerResponse, name: 'headersSent' | 'writableEnded'): unknown =>
  Reflect.get(Object.getPrototypeOf(response), name, response);

class Head {
  readonly #response: ServerResponse;
  readonly #finish: (status: number) => ResponseParts | Promise<ResponseParts>;
  readonly #refuse: (error: unknown) => Refusal;
  readonly #original: Readonly<Record<Method, unknown>>;
  /** What becomes of the response: nothing is written yet, its head waits, it goes its way, or another one is sent. */
  #state: 'open' | 'held' | 'passed' | 'replaced' = 'open';
  #calls: Call[] | undefined;

  constructor(
    response: ServerResponse,
    finish: (status: number) => ResponseParts | Promise<ResponseParts>,
    refuse: (error: unknown) => Refusal,
  ) {
    this.#response = response;
    this.#finish = finish;
    this.#refuse = refuse;
    const { writeHead, flushHeaders, write, end } = response;
    this.#original = { writeHead, flushHeaders, write, end };
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  get isHeld(): boolean {
    return this.#state === 'held';
  }

  /** Whether it was called while the head waits. */
  has(method: Method): boolean {
    return this.#calls?.some(([each]) => each === method) ?? false;
  }

  writeHead([status, ...rest]: readonly [number, ...unknown[]]): unknown {
    if (this.#state === 'passed') return this.#run('writeHead', [status, ...rest]);
    if (this.#state === 'replaced') return this.#response;
    if (this.#state === 'held') throw headersSent('write');
    const [message, headers] = typeof rest[0] === 'string' ? [rest[0], rest[1]] : [undefined, rest[1] ?? rest[0]];
    this.#response.statusCode = status;
    if (message !== undefined) this.#response.statusMessage = message;
    setHeaders(this.#response, headers);
    this.take('writeHead', [status], undefined, undefined);
    return this.#response;
  }

  /** `whileHeld` is what its caller gets while the head waits, `whenReplaced` when nothing is made of it. */
  take(method: Method, args: readonly unknown[], whileHeld: unknown, whenReplaced: unknown): unknown {
    if (this.#state === 'open') this.#begin();
    if (this.#state === 'passed') return this.#run(method, args);
    if (this.#state === 'replaced') {
      callBack(args);
      return whenReplaced;
    }
    if (!this.has('end')) this.#calls?.push([method, args]);
    return whileHeld;
  }

  /** Goes on at once where there is nothing to wait for. */
  #begin(): void {
    const parts = this.#finish(this.#response.statusCode);
    if (parts instanceof Promise) {
      this.#hold(parts);
      return;
    }
    this.#state = 'passed';
    if (!this.#response.headersSent) addParts(this.#response, parts);
  }

  #hold(parts: Promise<ResponseParts>): void {
    const response = this.#response;
    Object.defineProperties(response, appearance);
    this.#state = 'held';
    this.#calls = [];
    const { statusCode, setHeader, appendHeader, removeHeader } = response;
    // While the head waits, what comes too late fails as it does afterwards.
    Object.assign(response, { setHeader: tooLate, appendHeader: tooLate, removeHeader: tooLate });
    const release = (next: 'passed' | 'replaced') => {
      this.#state = next;
      Object.assign(response, { setHeader, appendHeader, removeHeader, statusCode });
    };
    parts.then(
      (found) => {
        release('passed');
        if (!response.headersSent) addParts(response, found);
        this.#replay();
      },
      (error: unknown) => {
        release('replaced');
        this.#replace(this.#refuse(error));
      },
    );
  }

  #replay(): void {
    let flowing = true;
    for (const [method, args] of this.#calls ?? []) {
      const result = this.#run(method, args);
      if (method === 'write') flowing = result === true;
    }
    if (this.has('write') && flowing && !this.#response.writableEnded) this.#response.emit('drain');
  }

  #replace({ status, headers, body }: Refusal): void {
    const response = this.#response;
    if (!response.headersSent) {
      for (const name of response.getHeaderNames()) if (isOfContent(name)) response.removeHeader(name);
      response.statusCode = status;
      response.statusMessage = '';
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader('Content-Length', Buffer.byteLength(body));
    }
    // By itself, since what is written to the other response goes nowhere now.
    this.#run('writeHead', [status]);
    this.#run('end', [body]);
    for (const [, args] of this.#calls ?? []) callBack(args);
    if (this.has('write') && !this.has('end')) response.emit('drain');
  }

  #run(method: Method, args: readonly unknown[]): unknown {
    return Reflect.apply(this.#original[method] as (...args: unknown[]) => unknown, this.#response, args);
  }
}

function tooLate(): never {
  throw headersSent('set');
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
