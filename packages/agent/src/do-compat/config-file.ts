import { readFileSync, statSync } from 'node:fs';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';

const freshMs = 60_000;
const maxBytes = 64 * 1024;

/** A JSON file that others write, read anew on use, at most once a minute. */
export class ConfigFile {
  readonly #path: string;
  readonly #clock: Clock;
  readonly #logger: Logger;
  #values: Record<string, unknown> = {};
  #readAt = Number.NEGATIVE_INFINITY;

  constructor(path: string, clock: Clock, logger: Logger) {
    this.#path = path;
    this.#clock = clock;
    this.#logger = logger;
  }

  values(): Readonly<Record<string, unknown>> {
    if (this.#clock.now() - this.#readAt >= freshMs) this.reload();
    return this.#values;
  }

  /** A missing file has no values; one that is broken, perhaps half written, changes nothing. */
  reload(): void {
    this.#readAt = this.#clock.now();
    try {
      const stats = statSync(this.#path, { throwIfNoEntry: false });
      if (!stats) {
        this.#values = {};
        return;
      }
      if (!stats.isFile() || stats.size > maxBytes) throw new Error('not a small file');
      const json: unknown = JSON.parse(readFileSync(this.#path, 'utf8'));
      if (typeof json !== 'object' || json === null || Array.isArray(json)) {
        throw new Error('not an object');
      }
      this.#values = { ...json };
    } catch (err) {
      this.#logger.warn({ err, path: this.#path }, 'a configuration file cannot be read');
    }
  }
}
