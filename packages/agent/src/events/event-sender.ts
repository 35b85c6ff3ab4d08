import { randomUUID } from 'node:crypto';
import { type Clock, type EventBatch, maxBatchBytes, maxBatchEvents } from '@sluice/protocol';
import type { Logger } from 'pino';
import { backOffMs } from '../clock/back-off.ts';
import { deadline } from '../clock/deadline.ts';
import type { JsonReply } from '../services/json-client.ts';
import type { EventSpool } from './spool.ts';

/** Events that come within this go together, and a fleet that was through at once does not come at once, ms. */
const gatherMs = 60_000;
const backOff = { firstMs: 30_000, maxMs: 3_600_000 };
const answerMs = 30_000;
/** Room for all of a batch but its events, bytes. */
const envelopeBytes = 1_024;
/** Who refuses so many single events of a batch will refuse the others. */
const maxRefused = 20;

export interface EventSenderOptions {
  spool: EventSpool;
  /** See `CloudClient.sendEvents`. */
  send: (batch: EventBatch, signal: AbortSignal) => Promise<JsonReply | undefined>;
  deviceId: string;
  clock: Clock;
  /** Ms since 1970. */
  now: () => number;
  random: () => number;
  logger: Logger;
}

/** The cloud is to be asked again later. */
export class Later extends Error {
  readonly afterMs: number;

  constructor(message: string, afterMs = 0) {
    super(message);
    this.afterMs = afterMs;
  }
}

/** Nobody wants events. */
class Unwanted extends Error {}

/**
 * Brings what is in the spool to the cloud: kept until a 202, sent again with back-off, the same events under
 * the same ids. What a cloud refuses as such (400, 413, 415, 422) is halved until the event at fault is alone,
 * which is dropped; all else, logins and redirects too, is trouble that may pass.
 */
export class EventSender {
  readonly #options: EventSenderOptions;
  readonly #closing = new AbortController();
  #cancelTimer: (() => void) | undefined;
  #work: Promise<void> | undefined;
  #tries = 0;

  constructor(options: EventSenderOptions) {
    this.#options = options;
  }

  /** There is something in the spool. */
  wake(): void {
    if (!this.#work) this.#schedule(this.#options.random() * gatherMs);
  }

  /** Sends now what there is, and no longer than `withinMs`. Never rejects. */
  async flush(withinMs: number): Promise<void> {
    using limit = deadline(this.#options.clock, withinMs, this.#closing.signal);
    const over = new Promise<void>((resolve) => {
      limit.signal.addEventListener('abort', () => resolve(), { once: true });
    });
    await Promise.race([this.#run(limit.signal), over]);
  }

  /** Resolves when what is under way has come to its end. */
  async settled(): Promise<void> {
    await this.#work;
  }

  /** Stops; what is not sent stays in the spool. */
  async close(): Promise<void> {
    this.#cancelTimer?.();
    this.#cancelTimer = undefined;
    this.#closing.abort(new Error('closed'));
    await this.settled();
  }

  #schedule(ms: number): void {
    if (this.#cancelTimer || this.#closing.signal.aborted) return;
    this.#cancelTimer = this.#options.clock.setTimer(ms, () => {
      this.#cancelTimer = undefined;
      void this.#run(this.#closing.signal);
    });
  }

  #run(signal: AbortSignal): Promise<void> {
    this.#work ??= this.#sendAll(signal).finally(() => {
      this.#work = undefined;
    });
    return this.#work;
  }

  async #sendAll(signal: AbortSignal): Promise<void> {
    const { spool, logger, random } = this.#options;
    try {
      while (!signal.aborted && (await this.#sendSome(signal))) this.#tries = 0;
      this.#tries = 0;
    } catch (error) {
      if (error instanceof Unwanted) {
        await spool.clear().catch((err: unknown) => logger.warn({ err }, 'events stay'));
        return;
      }
      if (this.#closing.signal.aborted) return;
      const { message } = error as Error;
      logger.info({ err: error }, 'events are not sent yet');
      await spool
        .note({ LastError: message })
        .catch((err: unknown) => logger.warn({ err }, 'the state of events cannot be kept'));
      const afterMs = error instanceof Later ? error.afterMs : 0;
      this.#schedule(backOffMs(backOff, ++this.#tries, afterMs, random));
    }
  }

  /** @returns whether there was anything. @throws Later, Unwanted, system errors. */
  async #sendSome(signal: AbortSignal): Promise<boolean> {
    const { spool, logger } = this.#options;
    const names = new Set<string>();
    const lines: string[] = [];
    let bytes = envelopeBytes;
    for (;;) {
      const segment = await spool.next(names);
      if (!segment) break;
      const size = segment.lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
      const isFull = lines.length + segment.lines.length > maxBatchEvents;
      if (lines.length > 0 && (isFull || bytes + size > maxBatchBytes)) break;
      names.add(segment.name);
      lines.push(...segment.lines);
      bytes += size;
    }
    if (lines.length === 0) return false;
    const refused = await this.#deliver(lines, signal);
    if (refused > 0) logger.warn({ events: refused }, 'the cloud refused events: dropped');
    await spool.sent(names, { taken: lines.length - refused, refused });
    return true;
  }

  /** @returns how many of them the cloud does not take. */
  async #deliver(lines: readonly string[], signal: AbortSignal): Promise<number> {
    let refused = 0;
    const parts = [lines];
    for (let part = parts.pop(); part; part = parts.pop()) {
      if (refused >= maxRefused) refused += part.length;
      else if (!(await this.#post(part, signal))) {
        const middle = part.length >> 1;
        if (middle === 0) refused++;
        else parts.push(part.slice(middle), part.slice(0, middle));
      }
    }
    return refused;
  }

  /** @returns false: these events are refused as such. */
  async #post(lines: readonly string[], signal: AbortSignal): Promise<boolean> {
    const { send, clock, deviceId, now } = this.#options;
    using limit = deadline(clock, answerMs, signal);
    const batch: EventBatch = {
      DeviceId: deviceId,
      BatchId: randomUUID(),
      SentAt: now(),
      Events: lines.map((line) => JSON.parse(line)),
    };
    const reply = await send(batch, limit.signal);
    if (!reply) throw new Unwanted();
    const { status, json, retryAfterMs } = reply;
    if (status === 202) {
      const { parseEventsReply } = await import('@sluice/protocol/schemas');
      parseEventsReply(json);
      return true;
    }
    if ([400, 413, 415, 422].includes(status)) return false;
    throw new Later(`the cloud answered ${status}`, retryAfterMs);
  }
}
