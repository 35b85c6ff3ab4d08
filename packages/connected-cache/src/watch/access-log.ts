import { createWriteStream, type WriteStream } from 'node:fs';
import { type LogFormat, type LogLineFacts, logLine } from './log-line.ts';

export interface AccessLogOptions {
  file: string;
  /** combined by default. */
  format?: LogFormat | undefined;
  /** Write queries too; without it they are masked. */
  queries?: boolean | undefined;
}

/** Bytes that may wait for a slow disk; lines beyond are dropped, clients do not wait for the log. */
const maxWaiting = 4 * 1024 * 1024;

/** The access log: appends to a file that others may move away, then `reopen` begins a new one. */
export class AccessLog {
  readonly #options: AccessLogOptions;
  readonly #failed: (error: unknown) => void;
  #stream: WriteStream;
  #dropped = 0;

  constructor(options: AccessLogOptions, failed: (error: unknown) => void) {
    this.#options = options;
    this.#failed = failed;
    this.#stream = this.#open();
  }

  /** Lines that were not written. */
  get dropped(): number {
    return this.#dropped;
  }

  write(facts: LogLineFacts): void {
    this.append([lineOf(this.#options, facts)]);
  }

  /** Writes lines that are made already. */
  append(lines: readonly string[]): void {
    if (this.#stream.destroyed || this.#stream.writableLength > maxWaiting) {
      this.#dropped += lines.length;
    } else {
      this.#stream.write(lines.join(''));
    }
  }

  /** Goes on in a new file of the same name; what waits goes to the old one. */
  async reopen(): Promise<void> {
    const old = this.#stream;
    this.#stream = this.#open();
    await ended(old);
  }

  async close(): Promise<void> {
    await ended(this.#stream);
  }

  #open(): WriteStream {
    const stream = createWriteStream(this.#options.file, { flags: 'a', mode: 0o640 });
    stream.on('error', this.#failed);
    return stream;
  }
}

export function lineOf({ format, queries }: AccessLogOptions, facts: LogLineFacts): string {
  return logLine(format ?? 'combined', queries ?? false, facts);
}

function ended(stream: WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.closed) return resolve();
    stream.once('close', resolve);
    stream.end();
  });
}
