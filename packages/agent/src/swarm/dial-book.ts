import type { Clock, PeerEntry, PeerId } from '@sluice/protocol';

/** Connection attempts at once: as many as an array names, so that a start waits for one round trip only. */
const maxDialling = 50;
const firstRetryMs = 5_000;
const maxRetryMs = 120_000;

interface Candidate {
  entry: PeerEntry;
  failures: number;
  notBefore: number;
  state: 'idle' | 'connecting' | 'greeting';
}

/** More are not remembered: an array answers with at most 50 at a time. */
const maxCandidates = 1_000;

/**
 * Whom we could connect to, and when to try (again). Addresses that do not answer are tried ever
 * more rarely.
 */
export class DialBook {
  readonly #candidates = new Map<PeerId, Candidate>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(entry: PeerEntry): void {
    const known = this.#candidates.get(entry.PeerId);
    if (known) {
      if (known.entry.Ip !== entry.Ip || known.entry.Port !== entry.Port) known.notBefore = 0;
      known.entry = entry;
    } else if (this.#candidates.size < maxCandidates) {
      this.#candidates.set(entry.PeerId, { entry, failures: 0, notBefore: 0, state: 'idle' });
    }
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
  take(room: number, isWanted: (peer: PeerId) => boolean): PeerEntry[] {
    const now = this.#clock.now();
    const taken: PeerEntry[] = [];
    let free = Math.min(room, maxDialling) - this.connecting - this.greeting;
    for (const [peer, c] of this.#candidates) {
      if (free <= 0) break;
      if (c.state !== 'idle' || c.notBefore > now || !isWanted(peer)) continue;
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

  done(peer: PeerId, connected: boolean): void {
    const c = this.#candidates.get(peer);
    if (!c) return;
    c.state = 'idle';
    c.failures = connected ? 0 : c.failures + 1;
    const wait = connected ? firstRetryMs : Math.min(maxRetryMs, firstRetryMs * 2 ** c.failures);
    c.notBefore = this.#clock.now() + wait;
  }

  #count(state: Candidate['state']): number {
    let n = 0;
    for (const c of this.#candidates.values()) if (c.state === state) n++;
    return n;
  }
}
