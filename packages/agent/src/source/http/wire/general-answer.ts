import { malformedAnswer, maxInterim, type SluiceError, sluiceError } from '@sluice/protocol';
import type { Dispatcher } from 'undici';
import type { RunSink } from '../../source.ts';
import type { WireAnswer } from './answer.ts';
import { Delivery } from './delivery.ts';
import type { GeneralConnection } from './general-connection.ts';
import { networkError } from './network-error.ts';
import { onAbort } from './on-abort.ts';
import { stalled } from './stalled.ts';
import { statedLength } from './stated-length.ts';

type Controller = Dispatcher.DispatchController;

/** An answer that undici reads: copies its chunks to the sink, and pauses it while there is no room. */
export class GeneralAnswer implements WireAnswer, Dispatcher.DispatchHandler {
  status = 0;
  fields: ReadonlyMap<string, string> = new Map();
  bodyLeft: number | undefined;
  readonly #connection: GeneralConnection;
  readonly #label: string;
  readonly #started = Promise.withResolvers<void>();
  /**
   * Read and not yet delivered. More than one chunk only when the far side has closed: undici then
   * drains its socket in spite of the pause, 128 KiB at most.
   */
  readonly #chunks: Uint8Array[] = [];
  #controller: Controller | undefined;
  #delivery: Delivery | undefined;
  #ended = false;
  #released = false;
  #interim = 0;
  #failed: Error | undefined;

  constructor(connection: GeneralConnection, label: string) {
    this.#connection = connection;
    this.#label = label;
    // A failure before anyone waits is told by the next call.
    this.#started.promise.catch(() => {});
  }

  /** Resolves when the head is here. */
  get started(): Promise<void> {
    return this.#started.promise;
  }

  async deliver(sink: RunSink, limit: number, signal: AbortSignal): Promise<number> {
    const want = Math.min(limit, this.bodyLeft ?? Number.POSITIVE_INFINITY);
    if (want === 0) return 0;
    const delivery = new Delivery(sink, want);
    this.#delivery = delivery;
    const stop = onAbort(signal, (error) => this.#connection.fail(error));
    try {
      if (this.#failed) delivery.fail(this.#failed);
      else this.#goOn(delivery);
      return await delivery.promise;
    } finally {
      stop();
      this.#connection.watchdog.stop();
      this.#delivery = undefined;
    }
  }

  release(): void {
    if (this.#failed || this.#released) return;
    this.#released = true;
    if (this.#chunks.length === 0 && this.#ended) this.#connection.rest();
    // The end of the message may stand in the socket still: onResponseEnd follows.
    else if (this.#chunks.length === 0 && this.bodyLeft === 0) this.#controller?.resume();
    else this.#connection.fail(this.#cut('dropped by the reader'));
  }

  /** The connection is over. */
  fail(error: Error): void {
    this.#failed ??= error;
    this.#started.reject(error);
    this.#delivery?.fail(error);
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#failed) controller.abort(this.#failed);
    else this.#watch('no answer');
  }

  onResponseStart(
    controller: Controller,
    status: number,
    headers: Record<string, string | string[] | undefined>,
  ): void {
    if (status < 200) {
      if (++this.#interim > maxInterim) this.#refuse('interim answers without end');
      return;
    }
    const fields = new Map<string, string>();
    for (const [name, value] of Object.entries(headers)) {
      if (value !== undefined) fields.set(name, Array.isArray(value) ? value.join(', ') : value);
    }
    const fault = framingFault(fields);
    if (fault) {
      this.#refuse(fault);
      return;
    }
    this.status = status;
    this.fields = fields;
    this.bodyLeft = statedLength(fields);
    if (this.bodyLeft !== 0) controller.pause();
    this.#started.resolve();
  }

  onResponseData(controller: Controller, chunk: Uint8Array): void {
    this.#chunks.push(chunk);
    this.#connection.watchdog.progress();
    try {
      const delivery = this.#delivery;
      if (this.#released) this.#connection.fail(this.#cut('bytes beyond the end'));
      else if (!delivery || !this.#take(delivery)) controller.pause();
    } catch (error) {
      // undici would hand on what a sink throws as a failure of its own.
      this.#connection.fail(error as Error);
    }
  }

  onResponseEnd(): void {
    this.#ended = true;
    if (this.#delivery) this.#goOn(this.#delivery);
    else if (this.#released && !this.#failed) this.#connection.rest();
  }

  onResponseError(_controller: Controller, error: Error): void {
    const { code } = error as NodeJS.ErrnoException;
    if (this.status === 0 && code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH') {
      this.#refuse('it has a length that cannot be');
      return;
    }
    const cutOff = this.status !== 0 && code === 'UND_ERR_SOCKET';
    this.#connection.fail(cutOff ? this.#cut('cut off', error) : networkError(error, this.#label));
  }

  #refuse(detail: string): void {
    this.#connection.fail(malformedAnswer(this.#label, detail));
  }

  #goOn(delivery: Delivery): void {
    try {
      if (!this.#take(delivery) || this.#failed) return;
      this.#watch('body bytes are missing');
      if (this.#controller?.paused) this.#controller.resume();
    } catch (error) {
      this.#connection.fail(error as Error);
    }
  }

  /** Moves what is here. @returns whether to read on; else wait or be done. */
  #take(delivery: Delivery): boolean {
    for (let chunk = this.#chunks[0]; chunk; chunk = this.#chunks[0]) {
      const moved = delivery.copy(chunk);
      if (this.bodyLeft !== undefined) this.bodyLeft -= moved;
      if (moved < chunk.length) {
        this.#chunks[0] = chunk.subarray(moved);
        break;
      }
      this.#chunks.shift();
    }
    if (delivery.settled) return this.bodyLeft === 0;
    const empty = this.#chunks.length === 0;
    if (delivery.complete || (empty && this.#ended)) {
      delivery.finish();
      // Reading on to the end of the message, which is all that is left, keeps the connection.
      return this.bodyLeft === 0;
    }
    if (empty && delivery.space()) return true;
    this.#connection.watchdog.stop();
    delivery.whenReady(
      () => this.#goOn(delivery),
      (error) => this.#connection.fail(error as Error),
    );
    return false;
  }

  #watch(missing: string): void {
    const { watchdog, timeouts } = this.#connection;
    watchdog.start(timeouts.stallMs, () =>
      this.#connection.fail(stalled(this.#label, timeouts.stallMs, missing)),
    );
  }

  #cut(detail: string, cause?: Error): SluiceError {
    const params = { url: this.#label, detail, retryable: true };
    return sluiceError('SourceTruncated', params, { cause });
  }
}

/** Where a body ends must be clear, and its bytes must be those of the object: else two readers differ. */
function framingFault(fields: ReadonlyMap<string, string>): string | undefined {
  const coding = fields.get('transfer-encoding');
  const hasLength = fields.has('content-length');
  if (coding === undefined) {
    return hasLength && statedLength(fields) === undefined ? 'its length is no number' : undefined;
  }
  if (hasLength) return 'it has both a length and a transfer coding';
  return coding.trim().toLowerCase() === 'chunked' ? undefined : `transfer coding ${coding}`;
}
