import type { ProxyServer } from '../../proxy/index.ts';
import type { RunSink } from '../../source.ts';

/** A GET on its way to one host. */
export interface WireRequest {
  readonly url: URL;
  /** The URL as errors may show it. */
  readonly label: string;
  /** Without Host, which follows from the URL. Names and values are clean. */
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  /** Undefined: straight to the host. */
  readonly via: ProxyServer | undefined;
}

/** An answer whose head is here and whose body waits, unread, until `deliver`. */
export interface WireAnswer {
  readonly status: number;
  /** By lower-case name; repeated ones are joined with ', '. */
  readonly fields: ReadonlyMap<string, string>;
  /** Bytes of the body still to come; undefined when the head did not say. */
  readonly bodyLeft: number | undefined;
  /**
   * Moves the next `limit` body bytes to the sink, no byte more, and no further than the body.
   * @returns how many: less than `limit` only when the body ended in order.
   */
  deliver(sink: RunSink, limit: number, signal: AbortSignal): Promise<number>;
  /** The caller is done: keeps the connection when the body was read to its end, else closes it. */
  release(): void;
}

/** One connection: carries one request at a time. */
export interface WireConnection {
  /**
   * @returns the answer's head; `'unsuited'` when this kind of connection cannot read the answer
   *   (the connection is closed then): ask by the general one.
   */
  request(request: WireRequest, signal: AbortSignal): Promise<WireAnswer | 'unsuited'>;
  /** Closes it and fails what is under way with `error`. */
  fail(error: Error): void;
}

/** The far side of a connection: an IP address and a TCP port. */
export interface Remote {
  readonly host: string;
  readonly port: number;
}

/** Whoever keeps the connection is told of its state. */
export interface ConnectionOwner {
  /** It has reached the far side. */
  connected(remote: Remote): void;
  /** It can take another request. */
  idle(connection: WireConnection): void;
  /** It never will again; `closed` resolves when its socket is gone. */
  gone(connection: WireConnection, closed: Promise<void>): void;
}

/** Milliseconds. */
export interface Timeouts {
  /** From the first packet to a connection ready for the request (name lookup and TLS included). */
  readonly connectMs: number;
  /** Without the answer's head, or without a further body byte while the sink has room. */
  readonly stallMs: number;
  /** How long an unused connection is kept. */
  readonly idleMs: number;
  /** How long the body of the answer to `open` is held for the fetch that will want it. */
  readonly parkMs: number;
}
