import {
  type Clock,
  ExtensionId,
  encodePhfRequest,
  maxPhfBytes,
  type PhfData,
  type PiecesHashFile,
  parsePiecesHashFile,
  verifyPiecesHashFile,
} from '@sluice/protocol';
import type { ContentSwarm } from '../swarm/content-swarm.ts';
import type { Member } from '../swarm/member.ts';

/** How long peers are looked for and asked in all. */
const timeoutMs = 5_000;
/** A peer that has not answered by then is left for the next one. */
const answerMs = 1_500;

type Swarm = Pick<ContentSwarm, 'watch' | 'members'>;

/**
 * Gets the pieces hash file from whichever peer has it; there is no "I have none" in the protocol, so
 * a peer that stays silent is passed over. The watcher of the swarm is replaced meanwhile.
 * @param answered resolves with the number of peers named, at the array's first answer or failure:
 *   with none named and none connected it is over at once.
 * @returns undefined when no peer gave one that verifies, and when `signal` aborts.
 */
export function phfFromPeers(
  swarm: Swarm,
  trustedHashOfHashes: string,
  answered: Promise<number>,
  clock: Clock,
  signal: AbortSignal,
): Promise<PiecesHashFile | undefined> {
  return new Promise((resolve) => {
    const inquiry = new Inquiry(trustedHashOfHashes, clock, (phf) => {
      cancelTimeout();
      signal.removeEventListener('abort', giveUp);
      swarm.watch(undefined);
      resolve(phf);
    });
    const giveUp = () => inquiry.end(undefined);
    const cancelTimeout = clock.setTimer(timeoutMs, giveUp);
    if (signal.aborted) return giveUp();
    signal.addEventListener('abort', giveUp, { once: true });
    answered.then((named) => {
      if (named === 0 && [...swarm.members].length === 0) giveUp();
    });
    const ignore = () => {};
    swarm.watch({
      joined: (member) => inquiry.consider(member),
      hello: (member) => inquiry.consider(member),
      left: (member) => inquiry.left(member),
      phf: (member, data) => inquiry.received(member, data),
      has: ignore,
      choked: ignore,
      claimed: ignore,
      released: ignore,
    });
  });
}

/** Asks one peer after the other. */
class Inquiry {
  readonly #trusted: string;
  readonly #clock: Clock;
  readonly #onEnd: (phf: PiecesHashFile | undefined) => void;
  /** Those that say they can answer; asked ones stay, so that none is asked twice. */
  readonly #known = new Set<Member>();
  readonly #waiting = new Set<Member>();
  #asked: Member | undefined;
  #parts: Uint8Array[] = [];
  #have = 0;
  #cancelAnswer = () => {};
  #ended = false;

  constructor(trusted: string, clock: Clock, onEnd: (phf: PiecesHashFile | undefined) => void) {
    this.#trusted = trusted;
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  end(phf: PiecesHashFile | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelAnswer();
    this.#onEnd(phf);
  }

  consider(member: Member): void {
    if (this.#known.has(member) || !member.hello?.features.includes('phf')) return;
    this.#known.add(member);
    this.#waiting.add(member);
    if (!this.#asked) this.#askNext();
  }

  left(member: Member): void {
    this.#waiting.delete(member);
    if (member === this.#asked) this.#askNext();
  }

  received(member: Member, data: PhfData): void {
    if (member !== this.#asked || data.offset !== this.#have || data.bytes.length === 0) return;
    this.#have += data.bytes.length;
    if (data.total > maxPhfBytes || this.#have > data.total) {
      this.#askNext();
      return;
    }
    this.#parts.push(data.bytes.slice());
    if (this.#have < data.total) {
      this.#request(member);
      return;
    }
    const phf = this.#checked(Buffer.concat(this.#parts));
    if (phf) this.end(phf);
    else this.#askNext();
  }

  #askNext(): void {
    this.#cancelAnswer();
    const [next] = this.#waiting;
    this.#asked = next;
    this.#parts = [];
    this.#have = 0;
    if (!next) return;
    this.#waiting.delete(next);
    this.#request(next);
  }

  #request(member: Member): void {
    this.#cancelAnswer();
    this.#cancelAnswer = this.#clock.setTimer(answerMs, () => this.#askNext());
    const body = encodePhfRequest({ offset: this.#have });
    member.connection.send({ type: 'extension', id: ExtensionId.phfRequest, body });
  }

  #checked(bytes: Uint8Array): PiecesHashFile | undefined {
    try {
      const phf = parsePiecesHashFile(bytes);
      verifyPiecesHashFile(phf, this.#trusted);
      return phf;
    } catch {
      // A peer's word is worth nothing by itself: the next peer is asked.
      return undefined;
    }
  }
}
