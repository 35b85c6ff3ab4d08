import type { SourceId } from './events.ts';
import type { OriginState, PeerState, SourceState } from './source-state.ts';

/** All sources, by id and in the order they came: decisions walk over them, which arrays make cheap. */
export class Sources {
  readonly all: SourceState[] = [];
  readonly origins: OriginState[] = [];
  readonly peers: PeerState[] = [];
  /** Those that have failed and are left alone for a while. */
  readonly backedOff = new Set<SourceState>();
  readonly #byId = new Map<SourceId, SourceState>();

  get(id: SourceId): SourceState | undefined {
    return this.#byId.get(id);
  }

  add(source: SourceState): void {
    this.remove(source.id);
    this.#byId.set(source.id, source);
    this.all.push(source);
    if (source.kind === 'peer') this.peers.push(source);
    else this.origins.push(source);
  }

  remove(id: SourceId): void {
    const source = this.#byId.get(id);
    if (!source) return;
    this.#byId.delete(id);
    this.backedOff.delete(source);
    take(this.all, source);
    take<SourceState>(source.kind === 'peer' ? this.peers : this.origins, source);
  }
}

function take<T>(list: T[], item: T): void {
  list.splice(list.indexOf(item), 1);
}
