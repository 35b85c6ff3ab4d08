import { hash } from 'node:crypto';
import { writeSync } from 'node:fs';
import { parentPort, receiveMessageOnPort } from 'node:worker_threads';
import type { PieceReply, PieceTask } from './piece-task.ts';

// The thread that hashes and writes pieces, one at a time: several concurrent writes to one file are
// slower than one, and a second hashing thread takes the core that receives. 1 GiB in pieces of 1 MiB on
// 2 cores: this 1.0 GiB/s with all of its CPU time off the loop, `subtle.digest` and async writes 0.6–1.1.

/** Replies go together up to here: with pieces of 16 KiB that saves a third of the CPU time. */
const batchBytes = 262_144;

function perform(task: PieceTask): PieceReply['result'] {
  const piece = new Uint8Array(task.memory, task.offset, task.length);
  if (task.digest && !hash('sha256', piece, 'buffer').equals(task.digest)) return 'mismatch';
  try {
    writeFully(task.fd, piece, task.position);
    // Only now: the journal must never claim a piece that the file does not hold.
    writeFully(task.journalFd, task.record, task.journalPosition);
    return 'written';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { code, message };
  }
}

function writeFully(fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}

const port = parentPort;
port?.on('message', (first: PieceTask) => {
  const replies: PieceReply[] = [];
  let bytes = 0;
  let task: PieceTask | undefined = first;
  while (task) {
    replies.push({ id: task.id, result: perform(task) });
    bytes += task.length;
    task = bytes < batchBytes ? receiveMessageOnPort(port)?.message : undefined;
  }
  port.postMessage(replies);
});
