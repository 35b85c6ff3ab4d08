import { hash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { PieceReply, PieceTask } from './piece-task.ts';

/** Hashes, compares, writes and journals one piece. Blocks. */
export function performTask(task: Omit<PieceTask, 'id'>): PieceReply['result'] {
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
