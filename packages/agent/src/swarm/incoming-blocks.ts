import {
  type ByteRange,
  type Clock,
  type PieceGeometry,
  type SwarmMessage,
  sluiceError,
} from '@sluice/protocol';
import type { RunSink } from '../source/index.ts';
import { type Block, BlockRequests } from './block-requests.ts';
import { Overflow } from './overflow.ts';
import { PeerFetch } from './peer-fetch.ts';

/** Blocks asked for at once: enough for any link, and far fewer than a peer takes for a flood. */
const maxAsked = 128;
/** A peer that stops in mid-block holds the buffer of a fetch that was given up no longer than this. */
const abandonMs = 1_000;

/** The connection that blocks come in by. */
export interface BlockChannel {
  readonly label: string;
  readonly clock: Clock;
  /** When bytes last came, ms. */
  readonly lastHeard: number;
  /** Set when the connection is over, or about to be. */
  readonly ending: Error | undefined;
  geometry(): PieceGeometry | undefined;
  send(message: SwarmMessage): void;
  /** Reads on. */
  resume(): void;
  destroy(reason: Error): void;
}

/** The blocks one peer is asked for, from the request to the sink. */
export class IncomingBlocks {
  readonly #channel: BlockChannel;
  readonly #overflow: Overflow;
  readonly #fetches = new Set<PeerFetch>();
  /** Those with blocks that were not asked for yet, in order. */
  readonly #unasked: PeerFetch[] = [];
  readonly #requests = new BlockRequests<PeerFetch>();
  /** The fetch whose block is coming in; undefined while a block nobody wants is coming in. */
  #current: PeerFetch | undefined;
  /** The fetch into whose buffer the socket will read next: its buffer must not go elsewhere. */
  #armed: PeerFetch | undefined;
  /** Why the armed fetch was given up. */
  #givenUp: { error: unknown } | undefined;

  constructor(channel: BlockChannel) {
    this.#channel = channel;
    this.#overflow = new Overflow({
      place: (fetch, bytes) => this.#place(fetch, bytes),
      refused: (fetch, error) => this.#giveUp(fetch, error),
      emptied: () => channel.resume(),
    });
  }

  /** Whether something is being fetched. */
  get busy(): boolean {
    return this.#fetches.size > 0;
  }

  /** Whether all that was read has found its place. */
  get readable(): boolean {
    return this.#overflow.empty;
  }

  /** See `PeerConnection.fetch`. */
  async fetch(range: ByteRange, sink: RunSink, signal: AbortSignal): Promise<void> {
    const { start, end } = this.#checked(range);
    if (start === end) return;
    const fetch = new PeerFetch({ start, end }, sink);
    this.#fetches.add(fetch);
    this.#unasked.push(fetch);
    const onAbort = () =>
      this.#giveUp(fetch, sluiceError('Cancelled', {}, { cause: signal.reason }));
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.ask();
      await fetch.done;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#fetches.delete(fetch);
    }
  }

  /** Asks for as much as may be asked for at once. */
  ask(): void {
    const pieceSize = this.#channel.geometry()?.pieceSize ?? 0;
    while (this.#requests.size < maxAsked && this.#unasked.length > 0 && !this.#channel.ending) {
      const fetch = this.#unasked[0]!;
      const block = fetch.nextBlock(pieceSize);
      if (block) {
        this.#requests.add(block, fetch);
        this.#channel.send({ type: 'request', ...block });
      } else {
        this.#unasked.shift();
      }
    }
  }

  /** The peer serves again, after a choke that made it forget what it was asked. */
  askAgain(): void {
    for (const block of this.#requests.forgotten()) {
      this.#channel.send({ type: 'request', ...block });
    }
  }

  /** A block begins. @throws InvalidMessage */
  begin(block: Block): void {
    const pieceSize = this.#channel.geometry()?.pieceSize ?? 0;
    const at = block.piece * pieceSize + block.offset;
    const fetch = this.#requests.begin(block, (f) => f.position === at);
    if (fetch === false) {
      throw sluiceError('InvalidMessage', { detail: 'a block that was not asked for' });
    }
    this.#current = fetch;
  }

  /** Content of the block under way. */
  data(view: Uint8Array): void {
    const fetch = this.#current;
    if (!fetch || fetch.over) return;
    const placed = this.#overflow.empty ? this.#place(fetch, view) : 0;
    if (placed < view.length && !fetch.over) this.#overflow.add(fetch, view.subarray(placed));
  }

  /** The block ended. */
  end(): void {
    this.#current = undefined;
  }

  /** Where the next of the `left` bytes of the block go; `placed` or `close` is to follow. */
  target(left: number): Uint8Array | undefined {
    const fetch = this.#current;
    if (!fetch || fetch.over || !this.#overflow.empty) return undefined;
    const space = this.#guarded(fetch, undefined, () => fetch.sink.space());
    if (!space) return undefined;
    this.#armed = fetch;
    return space.length > left ? space.subarray(0, left) : space;
  }

  /** The target was read to: `n` bytes. */
  placed(n: number): void {
    const fetch = this.#armed;
    const givenUp = this.#givenUp;
    this.#armed = undefined;
    this.#givenUp = undefined;
    if (givenUp) fetch?.fail(givenUp.error);
    else if (fetch) this.#guarded(fetch, undefined, () => fetch.filled(n));
  }

  /** The connection is over, and with it every fetch. */
  close(reason: Error): void {
    if (this.#givenUp) this.placed(0);
    this.#armed = undefined;
    for (const fetch of this.#fetches) fetch.fail(reason);
    this.#overflow.clear();
  }

  #checked({ start, end }: ByteRange): ByteRange {
    const geometry = this.#channel.geometry();
    if (!geometry) throw sluiceError('Internal', { detail: 'pieces asked for without hash list' });
    const { contentLength } = geometry;
    const until = end === Number.POSITIVE_INFINITY ? contentLength : end;
    if (until > contentLength || start > until) {
      const { label: url } = this.#channel;
      throw sluiceError('SourceShort', { url, contentLength, end, retryable: false });
    }
    return { start, end: until };
  }

  #place(fetch: PeerFetch, bytes: Uint8Array): number {
    return this.#guarded(fetch, 0, () => fetch.place(bytes));
  }

  /** Runs what calls the sink: a fault of the sink ends its fetch, not the connection. */
  #guarded<T>(fetch: PeerFetch, otherwise: T, work: () => T): T {
    try {
      return work();
    } catch (error) {
      this.#giveUp(fetch, error);
      return otherwise;
    }
  }

  #giveUp(fetch: PeerFetch, error: unknown): void {
    if (fetch.over) return;
    fetch.stop();
    const i = this.#unasked.indexOf(fetch);
    if (i >= 0) this.#unasked.splice(i, 1);
    for (const block of this.#requests.giveUp(fetch)) {
      this.#channel.send({ type: 'cancel', ...block });
    }
    if (this.#armed === fetch) this.#awaitRead(fetch, error);
    else fetch.fail(error);
    this.#overflow.wake();
    this.ask();
  }

  /** The armed fetch was given up: its buffer stays until the socket can no longer write into it. */
  #awaitRead(fetch: PeerFetch, error: unknown): void {
    this.#givenUp = { error };
    const { clock, lastHeard, label: peer } = this.#channel;
    const silent = clock.now() - lastHeard;
    const drop = () => {
      const seconds = abandonMs / 1000;
      this.#channel.destroy(sluiceError('PeerStalled', { peer, seconds, retryable: true }));
    };
    const cancel = clock.setTimer(abandonMs - silent, drop);
    fetch.done.catch(() => {}).finally(cancel);
  }
}
