import { type Clock, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { SettingsText } from '../settings/settings-text.ts';

/** The text is looked at again, on use, after so long, ms: another cloud, or a person, may have changed it. */
const freshMs = 1_000;
/** How often a change starts over because somebody else's came between. */
const maxTries = 5;

/** A small document that clouds on one database share, kept as JSON. */
export class JsonDocument<T> {
  readonly #text: SettingsText;
  readonly #clock: Clock;
  readonly #logger: Logger | undefined;
  readonly #read: (json: unknown) => T;
  #known: { text: string; value: T };
  #readAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<T> | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  /** @param read makes the value of what is there, of `undefined` when nothing is; @throws when it is not right */
  constructor(
    text: SettingsText,
    clock: Clock,
    logger: Logger | undefined,
    read: (json: unknown) => T,
  ) {
    this.#text = text;
    this.#clock = clock;
    this.#logger = logger;
    this.#read = read;
    this.#known = { text: '', value: read(undefined) };
  }

  /** What holds now. Never rejects: a store that fails, or nonsense in it, is no reason to change what holds. */
  get(): T | Promise<T> {
    if (this.#clock.now() - this.#readAt < freshMs) return this.#known.value;
    this.#reading ??= this.#look().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  /** Replaces it by what `change` makes of it. One after the other. @throws what `change` and `read` throw, RequestInvalid */
  change(change: (before: T) => T): Promise<T> {
    const done = this.#turn.then(() => this.#change(change));
    this.#turn = done.catch(() => {
      // Who asked for it is told.
    });
    return done;
  }

  async #change(change: (before: T) => T): Promise<T> {
    for (let tries = 0; tries < maxTries; tries++) {
      const before = await this.#text.read();
      // Read like what comes from elsewhere: a change that is not right is refused.
      const value = this.#read(change(this.#parsed(before)));
      const text = `${JSON.stringify(value, undefined, 2)}\n`;
      if (!(await this.#text.replace(before, text))) continue;
      this.#known = { text, value };
      this.#readAt = this.#clock.now();
      return value;
    }
    throw sluiceError('RequestInvalid', { detail: 'others change this too: try again' });
  }

  async #look(): Promise<T> {
    this.#readAt = this.#clock.now();
    try {
      const text = await this.#text.read();
      if (text !== this.#known.text) this.#known = { text, value: this.#parsed(text) };
    } catch (err) {
      this.#logger?.warn(
        { err },
        'a document of the cloud cannot be read: what it said last holds',
      );
    }
    return this.#known.value;
  }

  #parsed(text: string): T {
    return this.#read(text === '' ? undefined : JSON.parse(text));
  }
}
