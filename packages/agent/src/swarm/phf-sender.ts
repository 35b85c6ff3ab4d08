import { ExtensionId, encodePhfData, maxPhfChunk, sluiceError } from '@sluice/protocol';
import type { PeerConnection } from './peer-connection.ts';

/** What a peer may get of the hash list over one connection, in lists: it takes no turn and no slot. */
const maxCopies = 4;

/** Gives a peer the hash list, one answer at a time: one that does not read must not have them pile up here. */
export class PhfSender {
  /** Undefined while it is not known: what is asked then is not answered. */
  phf: Uint8Array | undefined;
  readonly #connection: PeerConnection;
  #sent = 0;
  #isUnderWay = false;
  /** Where it wants the list from, asked while an answer was under way. */
  #next: number | undefined;

  constructor(connection: PeerConnection) {
    this.#connection = connection;
  }

  /** What the list has at `offset` and behind. */
  send(offset: number): void {
    if (!this.phf || offset >= this.phf.length) return;
    if (this.#isUnderWay) {
      this.#next = offset;
      return;
    }
    const bytes = this.phf.subarray(offset, offset + maxPhfChunk);
    this.#sent += bytes.length;
    if (this.#sent > maxCopies * this.phf.length) {
      const detail = 'asked for the hash list again and again';
      this.#connection.destroy(sluiceError('InvalidMessage', { detail }));
      return;
    }
    const body = encodePhfData({ total: this.phf.length, offset, bytes });
    this.#isUnderWay = true;
    this.#connection.send({ type: 'extension', id: ExtensionId.phfData, body }, (sent) => {
      this.#isUnderWay = false;
      const next = this.#next;
      this.#next = undefined;
      if (sent && next !== undefined) this.send(next);
    });
  }
}
