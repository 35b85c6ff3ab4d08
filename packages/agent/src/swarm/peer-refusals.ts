import { RuleBook, type RuleBookEntry } from '@sluice/engine';
import { type ErrorCode, toSluiceError } from '@sluice/protocol';
import { wordsOf } from '../why/wording.ts';

type Stage = 'dialled' | 'incoming' | 'connected';

/** No reason to wonder why a peer is not used: there is a connection to it, or no need for one. */
const harmless = new Set<ErrorCode>(['PeerAlreadyConnected', 'PeerIsSelf', 'Cancelled']);
/** Of those who come to us only who is kept out by a limit of ours; strangers knock at any door. */
const keptOut = new Set<ErrorCode>(['PeerLimit', 'PeerBanned']);
/** A connection that simply ends is no fault: who has what it wanted goes. */
const dropped = new Set<ErrorCode>([
  'InvalidMessage',
  'MessageTooLong',
  'PeerStalled',
  'PeerNotReading',
]);

/** Peers that were found and are not used, and why; the same reason is told once. */
export class PeerRefusals {
  readonly #book = new RuleBook();

  /** @param peer its address. */
  failed(stage: Stage, peer: string, cause: unknown): void {
    const error = toSluiceError(cause);
    const { code } = error;
    if (harmless.has(code)) return;
    if (stage === 'incoming' && !keptOut.has(code)) return;
    if (stage === 'connected' && !dropped.has(code)) return;
    this.#add({ what: 'peerFault', error }, peer);
  }

  banned(peer: string, because: string): void {
    this.#add({ what: 'peerBanned', because }, peer);
  }

  entries(): RuleBookEntry[] {
    return this.#book.entries();
  }

  #add(finding: Parameters<typeof wordsOf>[0], peer: string): void {
    const { ruledOut } = wordsOf(finding);
    if (ruledOut) this.#book.add(ruledOut, peer);
  }
}
