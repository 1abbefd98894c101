import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { sourceRoot } from '../../modules/package-root.js';
import type { SessionKeys } from '../codec/codec.js';
import { createSummarizer, type SessionSummary } from './summary.js';

type Summaries = readonly (SessionSummary | undefined)[];

/** Reads many sessions, on a second processor too where there are very many. */
export interface Summarizer {
  /** Summaries in the order of the texts. */
  summarize(texts: readonly string[]): Promise<Summaries>;
  close(): Promise<void>;
}

/** Fewer are read in the time that a thread needs to start. */
const textsWithoutThread = 4000;
/** A thread's heap grows as far as it may, and most of that is garbage. */
const resourceLimits = { maxYoungGenerationSizeMb: 2 };
const threadFile = join(sourceRoot, 'sessions', 'admin', 'summary-worker.js');

export function openSummarizer(keys: SessionKeys): Summarizer {
  const summarizeOne = createSummarizer(keys);
  let thread: Thread | undefined;
  let seen = 0;
  return {
    async summarize(texts) {
      seen += texts.length;
      // There is no such file where TypeScript runs as it is.
      if (thread === undefined && seen > textsWithoutThread && existsSync(threadFile)) thread = startThread(keys);
      // Whoever is free takes the next page, so that neither waits for the other.
      if (thread !== undefined && !thread.isBusy()) return thread.summarize(texts);
      return texts.map(summarizeOne);
    },
    async close() {
      await thread?.stop();
    },
  };
}

interface Thread {
  summarize(texts: readonly string[]): Promise<Summaries>;
  /** Whether it has pages to go on with after the one that it reads. */
  isBusy(): boolean;
  stop(): Promise<unknown>;
}

function startThread({ secretKey, secretKeyFallbacks, salt, legacySha1 }: SessionKeys): Thread {
  const workerData = { secretKey, secretKeyFallbacks, salt, legacySha1 };
  const worker = new Worker(threadFile, { workerData, resourceLimits });
  const requests: { resolve(summaries: Summaries): void; reject(error: Error): void }[] = [];
  let failure: Error | undefined;
  worker.on('message', (summaries: Summaries) => requests.shift()?.resolve(summaries));
  const fail = (error: Error) => {
    failure ??= error;
    for (const { reject } of requests.splice(0)) reject(failure);
  };
  worker.on('error', fail);
  // Without an answer, whoever waits for one would wait for ever.
  worker.on('exit', () => fail(new Error('The thread that reads sessions has ended before its time.')));
  return {
    summarize: (texts) =>
      new Promise((resolve, reject) => {
        if (failure !== undefined) return reject(failure);
        requests.push({ resolve, reject });
        worker.postMessage(texts);
      }),
    isBusy: () => requests.length > 2,
    stop: () => worker.terminate(),
  };
}
