import { open } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { logFiles } from '../process/log-file.ts';
import { type LogLine, parseLogLine } from './log-line.ts';

const lookMs = 300;
const chunkBytes = 1_048_576;

/** All lines of an agent's log, the oldest first; none when there is no log. @throws what reading throws. */
export async function* readLog(dataDir: string): AsyncIterable<LogLine> {
  for (const path of logFiles(dataDir)) yield* linesFrom(path, new Position());
}

/** The log as it is, and as it grows until `signal`. @throws what reading throws. */
export async function* followLog(dataDir: string, signal: AbortSignal): AsyncIterable<LogLine> {
  const [older, current] = logFiles(dataDir);
  yield* linesFrom(older, new Position());
  let position = new Position();
  while (!signal.aborted) {
    yield* linesFrom(current, position);
    await delay(lookMs, undefined, { signal }).catch(() => {
      // Ends the loop.
    });
    if (!(await position.isIn(current))) {
      // It was set aside: its end is in the older one now.
      yield* linesFrom(older, position);
      position = new Position();
    }
  }
}

/** How far a file was read. */
class Position {
  offset = 0;
  inode: number | undefined;
  /** Of a line that is not at its end yet. */
  rest = '';

  /** Whether the file is still the one that was read; so it is, too, while there is none. */
  async isIn(path: string): Promise<boolean> {
    const { stat } = await import('node:fs/promises');
    const now = await stat(path).catch(() => undefined);
    return this.inode === undefined || now === undefined || now.ino === this.inode;
  }
}

async function* linesFrom(path: string, position: Position): AsyncIterable<LogLine> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (!file) return;
  try {
    const { ino } = await file.stat();
    if (position.inode !== undefined && position.inode !== ino) return;
    position.inode = ino;
    const buffer = Buffer.alloc(chunkBytes);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, chunkBytes, position.offset);
      if (bytesRead === 0) return;
      position.offset += bytesRead;
      // latin1: a character cut in two by the end of the chunk comes together again.
      const lines = (position.rest + buffer.toString('latin1', 0, bytesRead)).split('\n');
      position.rest = lines.pop() ?? '';
      for (const text of lines) {
        const line = parseLogLine(Buffer.from(text, 'latin1').toString('utf8'));
        if (line) yield line;
      }
    }
  } finally {
    await file.close();
  }
}
