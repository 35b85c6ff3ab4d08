import type { Action, FetchId, SourceId } from '@sluice/engine';
import type { Device } from './device.ts';
import type { OriginRoute } from './device-options.ts';
import type { LinkEnd } from './link.ts';
import type { OriginRequest } from './origin.ts';
import type { World } from './world.ts';

interface Fetch {
  id: FetchId;
  source: SourceId;
  /** Of a peer, until it has come. */
  link?: LinkEnd | undefined;
  piece: number;
  /** Of an origin. */
  request?: OriginRequest;
}

/** The requests of a device: what the scheduler asked for, carried out as the agent's transfer does. */
export class Fetches {
  readonly #world: World;
  readonly #device: Device;
  /** Few at a time: by place, of which what is looked for lies side by side. */
  readonly #all: Fetch[] = [];
  readonly #ids: FetchId[] = [];
  readonly #pieces: number[] = [];
  readonly #origins = new Map<SourceId, OriginRoute>();
  readonly #onVerified = (fn: () => void, life: number) => {
    if (this.#device.running && this.#device.life === life) fn();
  };
  #nextSource = 1;
  #givenUp = 0;

  constructor(world: World, device: Device) {
    this.#world = world;
    this.#device = device;
  }

  /** Whether an origin is left that was not given up. */
  get hasOrigin(): boolean {
    return this.#givenUp < this.#device.options.origins.length;
  }

  nextSource(): SourceId {
    return this.#nextSource++;
  }

  addOrigins(routes: OriginRoute[]): void {
    this.#givenUp = 0;
    this.#origins.clear();
    for (const route of routes) {
      const id = this.nextSource();
      this.#origins.set(id, route);
      const { maxFetches } = this.#world.limits;
      this.#device.tell({ type: 'sourceAdded', source: { id, kind: route.kind, maxFetches } });
      if (route.origin.options.sequential) {
        this.#device.tell({ type: 'sourceSequential', source: id });
      }
    }
  }

  perform(action: Extract<Action, { type: 'fetch' | 'cancel' | 'giveUp' }>): void {
    if (action.type === 'fetch') this.#begin(action);
    else if (action.type === 'cancel') this.#cancel(action.fetch);
    else this.#giveUp(action.source);
  }

  /** The link is gone: the scheduler knows. */
  forget(link: LinkEnd): void {
    for (const f of this.#all.filter((other) => other.link === link)) this.#remove(f.id);
  }

  abortAll(): void {
    for (const f of [...this.#all]) {
      this.#remove(f.id);
      this.#abort(f);
    }
  }

  reportOrigins(): void {
    for (const { source, request } of this.#all) {
      if (request?.isFilling) this.#device.hear(source);
      if (!request || request.moved <= request.reported) continue;
      this.#device.report(source, request.moved - request.reported);
      request.reported = request.moved;
    }
  }

  /** A piece whose request was cancelled while it was on its way is of no use. */
  onPeerPiece(link: LinkEnd, piece: number, good: boolean): void {
    let at = this.#pieces.indexOf(piece);
    while (at >= 0 && this.#all[at]!.link !== link) at = this.#pieces.indexOf(piece, at + 1);
    if (at < 0) return;
    const { id: fetch } = this.#all[at]!;
    this.#all[at]!.link = undefined;
    this.#verified(() => {
      this.#settle(fetch, piece, good, link.route.peerClass);
      this.#end(fetch, true);
    });
  }

  #giveUp(source: SourceId): void {
    for (const f of [...this.#all]) if (f.source === source) f.request?.end(true);
    if (!this.#origins.delete(source)) return;
    this.#givenUp++;
    if (!this.hasOrigin) for (const link of this.#device.links) link.shares(false, 0);
  }

  #begin({ fetch, source, run }: Extract<Action, { type: 'fetch' }>): void {
    const link = this.#device.linkOf(source);
    if (link) {
      this.#add({ id: fetch, source, link, piece: run.first });
      link.request(run.first);
      return;
    }
    const route = this.#origins.get(source);
    if (!route) {
      this.#end(fetch, true);
      return;
    }
    const entry: Fetch = { id: fetch, source, piece: run.first };
    this.#add(entry);
    const pieces = Array.from({ length: run.count }, (_, k) => run.first + k);
    entry.request = route.origin.get(pieces, {
      pipes: route.pipes,
      latencyMs: route.latencyMs,
      onPayload: (bytes) => {
        this.#device.payload += bytes;
        if (route.kind === 'http') this.#device.fromSource += bytes;
      },
      onPiece: (piece, bytes) => {
        this.#device.report(source, bytes);
        this.#verified(() => this.#settle(fetch, piece, true, route.kind));
      },
      // After the last piece was verified.
      onEnded: (ok) => this.#verified(() => this.#end(fetch, ok)),
    });
  }

  #cancel(fetch: FetchId): void {
    const f = this.#remove(fetch);
    if (!f) return;
    this.#abort(f);
    this.#device.later(0, () => this.#device.tell({ type: 'fetchEnded', fetch }));
  }

  #abort({ request, link, piece }: Fetch): void {
    request?.end(true);
    link?.cancel(piece);
  }

  #add(f: Fetch): void {
    this.#all.push(f);
    this.#ids.push(f.id);
    this.#pieces.push(f.piece);
  }

  #remove(fetch: FetchId): Fetch | undefined {
    const at = this.#ids.indexOf(fetch);
    if (at < 0) return undefined;
    this.#ids.splice(at, 1);
    this.#pieces.splice(at, 1);
    return this.#all.splice(at, 1)[0];
  }

  #settle(fetch: FetchId, piece: number, good: boolean, from: 'http' | 'cache' | LinkClass): void {
    if (!good) this.#device.bad += this.#world.pieceBytes;
    else this.#device.land(piece, from);
    if (!this.#ids.includes(fetch)) return;
    this.#device.tell({ type: good ? 'pieceGood' : 'pieceBad', fetch, piece });
  }

  #end(fetch: FetchId, ok: boolean): void {
    if (!this.#remove(fetch)) return;
    const event = { type: 'fetchEnded' as const, fetch };
    this.#device.tell(ok ? event : { ...event, fault: { retryable: true } });
  }

  #verified(fn: () => void): void {
    const { lines, timeline, verifyMs } = this.#world;
    const { life } = this.#device;
    lines.of(verifyMs).after(timeline.now(), this.#onVerified, fn, life);
  }
}

type LinkClass = LinkEnd['route']['peerClass'];
