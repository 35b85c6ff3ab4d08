import { type ResponseHead, sluiceError } from '@sluice/protocol';
import type { RunSink } from '../../source.ts';
import type { WireAnswer } from './answer.ts';
import { Delivery } from './delivery.ts';
import type { DirectConnection, Receiver } from './direct-connection.ts';
import { onAbort } from './on-abort.ts';
import { stalled } from './stalled.ts';
import { statedLength } from './stated-length.ts';

/**
 * The answer of this head.
 * @returns undefined when its body is not plain bytes of a stated length, and is wanted.
 */
export function directAnswer(
  connection: DirectConnection,
  head: ResponseHead,
  label: string,
): DirectAnswer | undefined {
  const length = plainBodyLength(head);
  if (length !== undefined) {
    const keepAlive = !/(^|,)\s*close\s*(,|$)/i.test(head.fields.get('connection') ?? '');
    return new DirectAnswer(connection, head, length, keepAlive, label);
  }
  // Redirects and refusals say it all in the head.
  const bodyWanted = head.status < 300;
  return bodyWanted ? undefined : new DirectAnswer(connection, head, 0, false, label);
}

/** Bytes of the body when that is plain bytes of a stated length; undefined for anything else. */
function plainBodyLength(head: ResponseHead): number | undefined {
  if (head.minorVersion !== 1 || head.fields.has('transfer-encoding')) return undefined;
  return statedLength(head.fields);
}

/** An answer on a {@link DirectConnection}, its body of a stated length. */
export class DirectAnswer implements WireAnswer, Receiver {
  readonly status: number;
  readonly fields: ReadonlyMap<string, string>;
  readonly #connection: DirectConnection;
  readonly #keepAlive: boolean;
  readonly #label: string;
  #bodyLeft: number;
  #delivery: Delivery | undefined;
  #ended: Error | undefined;
  #released = false;

  constructor(
    connection: DirectConnection,
    head: ResponseHead,
    bodyLength: number,
    keepAlive: boolean,
    label: string,
  ) {
    this.status = head.status;
    this.fields = head.fields;
    this.#connection = connection;
    this.#bodyLeft = bodyLength;
    this.#keepAlive = keepAlive;
    this.#label = label;
  }

  get bodyLeft(): number {
    return this.#bodyLeft;
  }

  async deliver(sink: RunSink, limit: number, signal: AbortSignal): Promise<number> {
    const want = Math.min(limit, this.#bodyLeft);
    if (want === 0) return 0;
    if (this.#ended) throw this.#ended;
    const delivery = new Delivery(sink, want);
    this.#delivery = delivery;
    const stop = onAbort(signal, (error) => this.#connection.fail(error));
    try {
      if (!this.#ended) this.#goOn(delivery);
      return await delivery.promise;
    } finally {
      stop();
      this.#connection.watchdog.stop();
      this.#delivery = undefined;
    }
  }

  release(): void {
    // The connection may serve another request by now.
    if (this.#ended || this.#released) return;
    this.#released = true;
    const { ahead } = this.#connection;
    // A small body that came along with the head (an error page) is no reason to lose the connection.
    const dropped = Math.min(this.#bodyLeft, ahead.size);
    ahead.consume(dropped);
    this.#bodyLeft -= dropped;
    // What is left over then was never promised.
    if (this.#bodyLeft === 0 && ahead.size === 0 && this.#keepAlive) this.#connection.rest();
    else this.#connection.fail(this.#cut('dropped by the reader'));
  }

  landed(buffer: Uint8Array, n: number): Uint8Array | undefined {
    const { ahead, watchdog } = this.#connection;
    const delivery = this.#delivery;
    if (ahead.owns(buffer)) ahead.landed(buffer, n);
    else this.#bodyLeft -= n;
    if (!delivery) return undefined;
    watchdog.progress();
    if (!ahead.owns(buffer)) delivery.placed(n);
    return this.#take(delivery);
  }

  ended(error: Error | undefined): void {
    this.#ended = error ?? this.#cut(`${this.#bodyLeft} bytes are missing`);
    this.#delivery?.fail(this.#ended);
  }

  /** Reads on after a pause. The first read goes to the read-ahead, see DirectConnection. */
  #goOn(delivery: Delivery): void {
    try {
      if (!this.#take(delivery) || this.#ended) return;
      const { watchdog, timeouts } = this.#connection;
      const { stallMs } = timeouts;
      watchdog.start(stallMs, () =>
        this.#connection.fail(stalled(this.#label, stallMs, `${this.#bodyLeft} bytes are missing`)),
      );
      this.#connection.resume();
    } catch (error) {
      this.#connection.fail(error as Error);
    }
  }

  /** Moves what was read ahead. @returns where to read to now; undefined = wait or be done. */
  #take(delivery: Delivery): Uint8Array | undefined {
    const { ahead, watchdog } = this.#connection;
    const moved = delivery.copy(ahead.unread.subarray(0, this.#bodyLeft));
    ahead.consume(moved);
    this.#bodyLeft -= moved;
    if (delivery.settled) return undefined;
    if (delivery.complete) {
      delivery.finish();
      return undefined;
    }
    const space = ahead.size === 0 ? delivery.space() : undefined;
    if (space) return space;
    watchdog.stop();
    delivery.whenReady(
      () => this.#goOn(delivery),
      (error) => this.#connection.fail(error as Error),
    );
    return undefined;
  }

  #cut(detail: string): Error {
    return sluiceError('SourceTruncated', { url: this.#label, detail, retryable: true });
  }
}
