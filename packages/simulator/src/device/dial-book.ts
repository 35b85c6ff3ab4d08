import type { PeerEntry } from '@sluice/protocol';

/** As in the agent's `swarm/dial-book.ts`, ms. */
const firstRetryMs = 5_000;
const maxRetryMs = 120_000;
const steadyMs = 60_000;
const maxDialling = 50;
const maxCandidates = 1_000;

interface Candidate {
  peerId: string;
  left: number;
  failures: number;
  notBefore: number;
  dialling: boolean;
}

/** Whom a device could connect to, and when to try (again). */
export class DialBook {
  readonly #candidates = new Map<string, Candidate>();
  #dialling = 0;

  add({ PeerId: peerId, Left: left }: PeerEntry): void {
    const known = this.#candidates.get(peerId);
    this.#candidates.delete(peerId);
    this.#candidates.set(peerId, {
      ...(known ?? { peerId, failures: 0, notBefore: 0, dialling: false }),
      left,
    });
    if (this.#candidates.size > maxCandidates) this.#forgetOne();
  }

  /** Those to dial now, marked as being dialled. */
  take(now: number, room: number, isWanted: (peerId: string, left: number) => boolean): string[] {
    const taken: string[] = [];
    let free = Math.min(room, maxDialling) - this.#dialling;
    for (const c of this.#candidates.values()) {
      if (free <= 0) break;
      if (c.dialling || c.notBefore > now || !isWanted(c.peerId, c.left)) continue;
      c.dialling = true;
      this.#dialling++;
      taken.push(c.peerId);
      free--;
    }
    return taken;
  }

  done(peerId: string, connected: boolean, now: number): void {
    const c = this.#candidates.get(peerId);
    if (!c?.dialling) return;
    c.dialling = false;
    this.#dialling--;
    if (!connected) this.#failed(c, now);
  }

  /** The connection is over. */
  lost(peerId: string, lastedMs: number, now: number): void {
    const c = this.#candidates.get(peerId);
    if (!c) return;
    if (lastedMs < steadyMs) {
      this.#failed(c, now);
      return;
    }
    c.failures = 0;
    c.notBefore = now + firstRetryMs;
  }

  isSeed(peerId: string): void {
    const c = this.#candidates.get(peerId);
    if (c) c.left = 0;
  }

  #failed(c: Candidate, now: number): void {
    c.notBefore = now + Math.min(maxRetryMs, firstRetryMs * 2 ** c.failures);
    c.failures++;
  }

  #forgetOne(): void {
    for (const [peerId, { dialling }] of this.#candidates) {
      if (dialling) continue;
      this.#candidates.delete(peerId);
      return;
    }
  }
}
