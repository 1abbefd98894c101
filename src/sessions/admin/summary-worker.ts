// The second processor of summaries.ts: gets texts of sessions, and answers with their summaries.
import { parentPort, workerData } from 'node:worker_threads';
import { createSummarizer } from './summary.js';

const summarize = createSummarizer(workerData);
parentPort?.on('message', (texts: readonly string[]) => parentPort?.postMessage(texts.map(summarize)));
