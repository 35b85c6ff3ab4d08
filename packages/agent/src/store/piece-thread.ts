import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import { fetchRun, loadForRuns } from './fetch-run.ts';
import { performTask } from './perform-task.ts';
import type { PieceReply, PieceTask } from './piece-task.ts';
import type { RunCancel, RunTask } from './run-task.ts';

// A thread that hashes and writes pieces, one at a time, with all of its CPU time off the loop. 1 GiB in
// pieces of 1 MiB on 2 cores: one thread 1.0 GiB/s, two 1.5, `subtle.digest` and async writes 0.6–1.1.

/** Replies go together up to here: with pieces of 16 KiB that saves a third of the CPU time. */
const batchBytes = 262_144;

type Message = PieceTask | RunTask | RunCancel;

/** Runs under way. */
const runs = new Map<number, AbortController>();

const port = parentPort;
port?.on('message', (first: Message) => {
  const replies: PieceReply[] = [];
  let bytes = 0;
  let message: Message | undefined = first;
  while (message) {
    if ('memory' in message) {
      replies.push({ id: message.id, result: performTask(message) });
      bytes += message.length;
    } else if ('cancel' in message) runs.get(message.cancel)?.abort();
    else begin(message);
    message = bytes < batchBytes ? receiveMessageOnPort(port)?.message : undefined;
  }
  if (replies.length > 0) port.postMessage(replies);
});

loadForRuns();
// It is ready: what is asked of it waits no longer.
port?.postMessage([] satisfies PieceReply[]);

function begin(task: RunTask): void {
  const control = new AbortController();
  runs.set(task.id, control);
  const tell = (reply: object) => port?.postMessage(reply);
  void fetchRun(task, tell, control.signal).finally(() => runs.delete(task.id));
}
