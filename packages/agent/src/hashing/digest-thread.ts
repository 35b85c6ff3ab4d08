import { parentPort, workerData } from 'node:worker_threads';
import type { DigestJob } from './digest-job.ts';
import { runDigestJob } from './digest-loop.ts';

// A thread that hashes pieces until the job is done. Imports stay few: they are paid at every start.
const port = parentPort;
if (port) runDigestJob(workerData as DigestJob, (bytes) => port.postMessage(bytes));
