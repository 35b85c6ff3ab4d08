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
/** After so long it is the next one's turn; who has said nothing by then gets no other. */
const turnMs = 1_500;
/** No more is kept of a list, bytes, while it is another's turn. */
const mostKept = maxPhfBytes / 8;

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

/** What has come of a peer's list. */
interface Answer {
  readonly parts: Uint8Array[];
  bytes: number;
}

/** Asks one peer after the other, in turns: who sends little at a time holds nobody up. */
class Inquiry {
  readonly #trusted: string;
  readonly #clock: Clock;
  readonly #onEnd: (phf: PiecesHashFile | undefined) => void;
  /** Of those that say they can answer. Who gave a wrong one, or none, stays, so that it is not asked again. */
  readonly #answers = new Map<Member, Answer>();
  readonly #waiting = new Set<Member>();
  #asked: Member | undefined;
  /** It has sent something in its turn. */
  #hasAnswered = false;
  #cancelTurn = () => {};
  #ended = false;

  constructor(trusted: string, clock: Clock, onEnd: (phf: PiecesHashFile | undefined) => void) {
    this.#trusted = trusted;
    this.#clock = clock;
    this.#onEnd = onEnd;
  }

  end(phf: PiecesHashFile | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#cancelTurn();
    this.#onEnd(phf);
  }

  consider(member: Member): void {
    if (this.#answers.has(member) || !member.hello?.features.includes('phf')) return;
    this.#answers.set(member, { parts: [], bytes: 0 });
    this.#waiting.add(member);
    if (!this.#asked) this.#askNext();
  }

  left(member: Member): void {
    this.#waiting.delete(member);
    this.#answers.delete(member);
    if (member === this.#asked) this.#askNext();
  }

  received(member: Member, { total, offset, bytes }: PhfData): void {
    const answer = this.#answers.get(member);
    if (member !== this.#asked || offset !== answer?.bytes || bytes.length === 0) return;
    this.#hasAnswered = true;
    answer.bytes += bytes.length;
    if (total <= maxPhfBytes && answer.bytes <= total) {
      answer.parts.push(bytes.slice());
      if (answer.bytes < total) {
        this.#request(member, answer);
        return;
      }
      const phf = this.#checked(Buffer.concat(answer.parts));
      if (phf) {
        this.end(phf);
        return;
      }
    }
    startOver(answer);
    this.#askNext();
  }

  #askNext(): void {
    this.#cancelTurn();
    const [next] = this.#waiting;
    const answer = next && this.#answers.get(next);
    this.#asked = next;
    this.#hasAnswered = false;
    if (!answer) return;
    this.#waiting.delete(next);
    this.#cancelTurn = this.#clock.setTimer(turnMs, () => {
      if (this.#hasAnswered) this.#waiting.add(next);
      const isKept = this.#hasAnswered && (answer.bytes <= mostKept || this.#waiting.size === 1);
      if (!isKept) startOver(answer);
      this.#askNext();
    });
    this.#request(next, answer);
  }

  #request(member: Member, { bytes }: Answer): void {
    const body = encodePhfRequest({ offset: bytes });
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

function startOver(answer: Answer): void {
  answer.parts.length = 0;
  answer.bytes = 0;
}
