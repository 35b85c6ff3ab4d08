/**
 * The one contract of everything bytes come from: the HTTP source, the cache host, a peer.
 * `source.contract.ts` tests it on all of them.
 * @module
 */
import type { ByteRange } from '@sluice/protocol';

import type { PortableSource } from './http/portable-source.ts';

/** `http`: the source itself; `cache`: a cache host on site; `peer`: another device. */
export type SourceKind = 'http' | 'cache' | 'peer';

/** What a source says of the content it has. */
export interface SourceFacts {
  /** Bytes of the whole content; undefined when the source does not tell. */
  contentLength: number | undefined;
  /** Whether parts can be fetched. If not, only the whole range can. */
  ranges: boolean;
  /**
   * Names this very version of the content: `etag:` and a strong ETag, or `modified:` and the
   * Last-Modified date. Undefined when the source gives neither.
   */
  validator: string | undefined;
}

/** Takes the bytes of one fetch, in order. */
export interface RunSink {
  /**
   * Where the next body bytes go (never empty); undefined = no buffer free: stop reading the socket
   * until `ready()` resolves. Asked again before `filled()`, it gives the same place. It may reach
   * beyond the fetched range: the source places no byte past that.
   */
  space(): Uint8Array | undefined;
  /** `n` bytes were placed at the start of the last `space()`. */
  filled(n: number): void;
  /**
   * Bytes that should be under way at once, at most; no limit if not given. What was asked for comes as
   * fast as the far side can send, however slowly it is read, and fills the queues on its way.
   */
  window?(): number;
  /** Resolves once `space()` has room again. A rejection ends the fetch with the same error. */
  ready(): Promise<void>;
}

/** A place to fetch from. */
export interface Source {
  readonly kind: SourceKind;
  /** URL without credentials and query values, or address: for people and logs. */
  readonly label: string;

  /**
   * Gets in touch and learns the facts. A caller that knows them already may fetch without.
   * @throws SluiceError `Source*` with the params `url` (as `label`), `retryable` and, where the
   *   source answered, `status` and `retryAfterMs`; `Cancelled` when `signal` is aborted.
   */
  open(signal: AbortSignal): Promise<SourceFacts>;

  /**
   * Delivers exactly the bytes of `range` in order to the sink, then resolves. `end` Infinity = to
   * the end of the body. Several at once are allowed, each with a sink of its own.
   *
   * On a failure the sink keeps the bytes placed so far, all of them right as far as the source
   * knows, and gets no more. An abort rejects at once and frees the connection.
   * @throws SluiceError as `open`; also `SourceNoRanges` (part asked of a source that has only the
   *   whole), `SourceChanged` (no longer the content of the facts), `SourceShort` (the range lies
   *   beyond the end), `SourceTruncated` (cut off in mid-run), `SourceStalled` (no byte for long),
   *   `SourceClosed`; what the sink throws.
   */
  fetch(range: ByteRange, sink: RunSink, signal: AbortSignal): Promise<void>;

  /**
   * Has another thread read a part of the content, by a connection of its own, which counts as one of this source.
   * @param work its signal is aborted with `signal`, and by `close`.
   * @returns what `work` gives; undefined when only this thread can read it.
   * @throws Cancelled while it waits for a connection; what `work` throws.
   */
  lend?<T>(
    range: ByteRange,
    work: (portable: PortableSource, signal: AbortSignal) => Promise<T>,
    signal: AbortSignal,
  ): Promise<T | undefined>;

  /** Ends everything under way with `SourceClosed`; resolves when no socket is left. */
  close(): Promise<void>;

  /** Where its latest connection goes to; undefined before the first, and of peers. */
  readonly remote?: { host: string; port: number } | undefined;

  /** Connections that calls under way hold now; idle ones kept for later do not count. */
  readonly activeConnections: number;
}
