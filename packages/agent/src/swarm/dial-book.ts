import type { Clock, PeerEntry, PeerId } from '@sluice/protocol';

/** Connection attempts at once: as many as an array names, so that a start waits for one round trip only. */
const maxDialling = 50;
const firstRetryMs = 5_000;
const maxRetryMs = 120_000;
/** A connection that lasted so long was a good one. */
const steadyMs = 60_000;
/** More are not remembered: an array answers with at most 50 at a time. */
const maxCandidates = 1_000;

interface Candidate {
  entry: PeerEntry;
  failures: number;
  notBefore: number;
  state: 'idle' | 'connecting' | 'greeting';
  /** When the connection was made that we have to it. */
  connectedAt: number;
}

/**
 * Whom we could connect to, and when to try (again). Addresses that do not answer, or where we are
 * soon turned out, are tried ever more rarely.
 */
export class DialBook {
  /** In the order in which they were last named. */
  readonly #candidates = new Map<PeerId, Candidate>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(entry: PeerEntry): void {
    const known = this.#candidates.get(entry.PeerId);
    const moved = known?.entry.Ip !== entry.Ip || known.entry.Port !== entry.Port;
    const { state, connectedAt } = known ?? { state: 'idle' as const, connectedAt: 0 };
    const { failures, notBefore } = known && !moved ? known : { failures: 0, notBefore: 0 };
    // Behind the others: who is not named any more makes room first.
    this.#candidates.delete(entry.PeerId);
    this.#candidates.set(entry.PeerId, { entry, failures, notBefore, state, connectedAt });
    if (this.#candidates.size > maxCandidates) this.#forgetOne();
  }

  entry(peer: PeerId): PeerEntry | undefined {
    return this.#candidates.get(peer)?.entry;
  }

  /** Attempts that the host has not answered. */
  get connecting(): number {
    return this.#count('connecting');
  }

  /** Hosts that answered, and whose handshake is awaited. */
  get greeting(): number {
    return this.#count('greeting');
  }

  /** Those to dial now, marked as being dialled. @param room connections that may still be made. */
  take(room: number, isWanted: (entry: PeerEntry) => boolean): PeerEntry[] {
    const now = this.#clock.now();
    const taken: PeerEntry[] = [];
    let free = Math.min(room, maxDialling) - this.connecting - this.greeting;
    for (const c of this.#candidates.values()) {
      if (free <= 0) break;
      if (c.state !== 'idle' || c.notBefore > now || !isWanted(c.entry)) continue;
      c.state = 'connecting';
      taken.push(c.entry);
      free--;
    }
    return taken;
  }

  /** The host answered. */
  reached(peer: PeerId): void {
    const c = this.#candidates.get(peer);
    if (c) c.state = 'greeting';
  }

  /** An attempt ended. */
  done(peer: PeerId, connected: boolean): void {
    const c = this.#candidates.get(peer);
    if (!c) return;
    c.state = 'idle';
    if (!connected) this.#failed(c);
  }

  /** It is connected, whoever made the connection; how good that is shows when it is lost. */
  joined(peer: PeerId): void {
    const c = this.#candidates.get(peer);
    if (c) c.connectedAt = this.#clock.now();
  }

  /** The connection is over. */
  lost(peer: PeerId): void {
    const c = this.#candidates.get(peer);
    if (!c) return;
    if (this.#clock.now() - c.connectedAt < steadyMs) {
      this.#failed(c);
      return;
    }
    c.failures = 0;
    c.notBefore = this.#clock.now() + firstRetryMs;
  }

  /** The peer has everything, as it says itself: that is newer than what the array said. */
  isSeed(peer: PeerId): void {
    const c = this.#candidates.get(peer);
    if (c) c.entry = { ...c.entry, Left: 0 };
  }

  #failed(c: Candidate): void {
    c.notBefore = this.#clock.now() + Math.min(maxRetryMs, firstRetryMs * 2 ** c.failures);
    c.failures++;
  }

  #forgetOne(): void {
    for (const [peer, { state }] of this.#candidates) {
      if (state !== 'idle') continue;
      this.#candidates.delete(peer);
      return;
    }
  }

  #count(state: Candidate['state']): number {
    let n = 0;
    for (const c of this.#candidates.values()) if (c.state === state) n++;
    return n;
  }
}
