import type { SourceId } from './events.ts';
import { take } from './lists.ts';
import type { OriginState, PeerState, SourceState } from './source-state.ts';

/** All sources, by id and in the order they came: decisions walk over them, which arrays make cheap. */
export class Sources {
  readonly all: SourceState[] = [];
  readonly origins: OriginState[] = [];
  readonly peers: PeerState[] = [];
  /** The peers that let us download, by id: mostly few of many. */
  readonly unchoked: PeerState[] = [];
  /** Peers of this site. */
  neighbours = 0;
  /** Those that have failed and are left alone for a while. */
  readonly backedOff = new Set<SourceState>();
  readonly #byId: SourceState[] = [];

  get(id: SourceId): SourceState | undefined {
    return this.#byId[id];
  }

  add(source: SourceState): void {
    this.remove(source.id);
    this.#byId[source.id] = source;
    this.all.push(source);
    if (source.kind !== 'peer') {
      this.origins.push(source);
      return;
    }
    this.peers.push(source);
    if (source.sameSite) this.neighbours++;
  }

  /** After the peer choked or unchoked us. */
  choked(peer: PeerState): void {
    take(this.unchoked, peer);
    if (peer.choked) return;
    const { unchoked } = this;
    let at = unchoked.push(peer) - 1;
    for (; at > 0 && unchoked[at - 1]!.id > peer.id; at--) unchoked[at] = unchoked[at - 1]!;
    unchoked[at] = peer;
  }

  remove(id: SourceId): void {
    const source = this.#byId[id];
    if (!source) return;
    delete this.#byId[id];
    this.backedOff.delete(source);
    take(this.all, source);
    if (source.kind !== 'peer') {
      take(this.origins, source);
      return;
    }
    take(this.peers, source);
    take(this.unchoked, source);
    if (source.sameSite) this.neighbours--;
  }
}
