import { closeSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from 'node:fs';
import path from 'node:path';

/** A log is set aside when it is this long, bytes; with the one before it that is all that is kept. */
const maxBytes = 10 * 1_048_576;

/** The log of an agent, the older file first. */
export function logFiles(dataDir: string): [older: string, current: string] {
  const folder = path.join(dataDir, 'logs');
  return [path.join(folder, 'agent.1.log'), path.join(folder, 'agent.log')];
}

/** A log file that does not grow without end; lines are written at once. */
export class LogFile {
  readonly #older: string;
  readonly #path: string;
  #fd: number;
  #bytes: number;

  /** @throws what keeps the file from being written. */
  constructor(dataDir: string) {
    [this.#older, this.#path] = logFiles(dataDir);
    mkdirSync(path.dirname(this.#path), { recursive: true, mode: 0o700 });
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#bytes = fstatSync(this.#fd).size;
  }

  write(line: string): void {
    const bytes = Buffer.from(line);
    if (this.#bytes > 0 && this.#bytes + bytes.length > maxBytes) this.#turnOver();
    try {
      writeSync(this.#fd, bytes);
      this.#bytes += bytes.length;
    } catch {
      // A full disk must not end the agent; standard error has the line, too.
    }
  }

  #turnOver(): void {
    closeSync(this.#fd);
    renameSync(this.#path, this.#older);
    this.#fd = openSync(this.#path, 'a', 0o600);
    this.#bytes = 0;
  }
}
