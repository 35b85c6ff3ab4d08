import { hash } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { PieceReply, PieceTask } from './piece-task.ts';

/** As `writeSync`: how many of the bytes were written. @throws the system's error. */
export type WriteBytes = (fd: number, bytes: Uint8Array, position: number) => number;

const writeReally: WriteBytes = (fd, bytes, position) =>
  writeSync(fd, bytes, 0, bytes.length, position);

/** Hashes, compares, writes and journals one piece. Blocks. */
export function performTask(
  task: Omit<PieceTask, 'id'>,
  write: WriteBytes = writeReally,
): PieceReply['result'] {
  const piece = new Uint8Array(task.memory, task.offset, task.length);
  if (task.digest && !hash('sha256', piece, 'buffer').equals(task.digest)) return 'mismatch';
  try {
    writeFully(write, task.fd, piece, task.position);
    // Only now: the journal must never claim a piece that the file does not hold.
    writeFully(write, task.journalFd, task.record, task.journalPosition);
    return 'written';
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { code, message };
  }
}

function writeFully(write: WriteBytes, fd: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += write(fd, bytes.subarray(done), position + done);
  }
}
