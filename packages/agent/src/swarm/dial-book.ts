import type { Clock, PeerEntry, PeerId } from '@sluice/protocol';
import {
  addressesOf,
  type Candidate,
  dropAddress,
  type Finder,
  isVouchedFor,
  nameAddress,
  nameSeed,
  newCandidate,
} from './candidate.ts';

/** Connection attempts at once: as many as an array names, so that a start waits for one round trip only. */
const maxDialling = 50;
const firstRetryMs = 5_000;
const maxRetryMs = 120_000;
/** A connection that lasted so long was a good one. */
const steadyMs = 60_000;
/** More are not remembered: an array answers with at most 50 at a time. */
const maxCandidates = 1_000;
/** What peers say is a hint: it may take no more of the places than this. */
const maxHints = 200;

/** A peer to dial: the addresses to try, most likely first. */
export interface DialTarget {
  peer: PeerId;
  addresses: PeerEntry[];
}

/**
 * Whom we could connect to, and when to try (again). Addresses that do not answer, or where we are
 * soon turned out, are tried ever more rarely; of several addresses of one peer those that do not
 * answer are forgotten at once, and so is a peer that only another peer named.
 */
export class DialBook {
  /** In the order in which they were last named. */
  readonly #candidates = new Map<PeerId, Candidate>();
  readonly #clock: Clock;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  add(entry: PeerEntry, by: Finder = 'array'): void {
    const known = this.#candidates.get(entry.PeerId);
    if (!known && by === 'peer' && !this.#hasRoomForHint()) return;
    const candidate = known ?? newCandidate();
    // What a peer says must not have an address tried more often.
    if (nameAddress(candidate, entry, by) && by !== 'peer') {
      candidate.failures = 0;
      candidate.notBefore = 0;
    }
    // Behind the others: who is not named any more makes room first.
    if (by !== 'peer') this.#candidates.delete(entry.PeerId);
    this.#candidates.set(entry.PeerId, candidate);
    if (this.#candidates.size > maxCandidates) this.#forgetOne();
  }

  /** A finder takes back what it said of a peer. */
  retract(peer: PeerId, by: Finder): void {
    const c = this.#candidates.get(peer);
    if (!c) return;
    c.named[by] = [];
    if (c.state === 'idle' && addressesOf(c).length === 0) this.#candidates.delete(peer);
  }

  /** What is said of the peer, of that address if anything is. */
  entry(peer: PeerId, address?: string): PeerEntry | undefined {
    const c = this.#candidates.get(peer);
    const all = c ? addressesOf(c).map((a) => a.entry) : [];
    return all.find((e) => e.Ip === address) ?? all[0];
  }

  /** All that are known, each by the address that is tried first. */
  entries(): PeerEntry[] {
    const firsts = [...this.#candidates.values()].map((c) => addressesOf(c)[0]?.entry);
    return firsts.filter((entry) => entry !== undefined);
  }

  /** Whether the peer itself was heard on the local network. */
  isLocal(peer: PeerId): boolean {
    return (this.#candidates.get(peer)?.named.local.length ?? 0) > 0;
  }

  /** Whether the array or local discovery named it, and not only a peer, or nobody. */
  isVouchedFor(peer: PeerId): boolean {
    const c = this.#candidates.get(peer);
    return c !== undefined && isVouchedFor(c);
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
  take(room: number, isWanted: (entry: PeerEntry, by: Finder) => boolean): DialTarget[] {
    const now = this.#clock.now();
    const taken: DialTarget[] = [];
    let free = Math.min(room, maxDialling) - this.connecting - this.greeting;
    for (const [peer, c] of this.#candidates) {
      if (free <= 0) break;
      if (c.state !== 'idle' || c.notBefore > now) continue;
      const wanted = addressesOf(c).filter(({ entry, by }) => isWanted(entry, by));
      if (wanted.length === 0) continue;
      c.state = 'connecting';
      taken.push({ peer, addresses: wanted.map(({ entry }) => entry) });
      free--;
    }
    return taken;
  }

  /** The host answered. */
  reached(peer: PeerId): void {
    const c = this.#candidates.get(peer);
    if (c) c.state = 'greeting';
  }

  /** Nobody, or somebody else, is at this address of the peer. */
  unreachable(peer: PeerId, entry: PeerEntry): void {
    const c = this.#candidates.get(peer);
    if (c) dropAddress(c, entry);
  }

  /** Takes back what others than the local network said: it was asked of them for another scope. */
  forgetNamed(): void {
    for (const peer of [...this.#candidates.keys()]) {
      this.retract(peer, 'array');
      this.retract(peer, 'peer');
    }
  }

  /** An attempt ended. */
  done(peer: PeerId, connected: boolean): void {
    const c = this.#candidates.get(peer);
    if (!c) return;
    c.state = 'idle';
    if (connected) return;
    this.#failed(c);
    if (!isVouchedFor(c)) this.#candidates.delete(peer);
  }

  /** It is connected, whoever made the connection; how good that is shows when it is lost. */
  joined(peer: PeerId): void {
    const c = this.#candidates.get(peer);
    if (c) c.connectedAt = this.#clock.now();
  }

  /** We have ended the connection because of our settings: that says nothing against the peer. */
  letGo(peer: PeerId): void {
    const c = this.#candidates.get(peer);
    if (!c) return;
    c.failures = 0;
    c.notBefore = 0;
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

  /** The peer has everything, as it says itself: that is newer than what others said. */
  isSeed(peer: PeerId): void {
    const c = this.#candidates.get(peer);
    if (c) nameSeed(c);
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

  #hasRoomForHint(): boolean {
    let hints = 0;
    for (const c of this.#candidates.values()) if (!isVouchedFor(c)) hints++;
    return hints < maxHints && this.#candidates.size < maxCandidates;
  }

  #count(state: Candidate['state']): number {
    let n = 0;
    for (const c of this.#candidates.values()) if (c.state === state) n++;
    return n;
  }
}
