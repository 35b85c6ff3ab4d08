import type { Action, FetchId, SourceId } from '@sluice/engine';
import type { Device } from './device.ts';
import type { OriginRoute } from './device-options.ts';
import type { LinkEnd } from './link.ts';
import type { OriginRequest } from './origin.ts';
import type { World } from './world.ts';

interface Fetch {
  source: SourceId;
  /** Of a peer. */
  link?: LinkEnd;
  piece: number;
  /** Of an origin. */
  request?: OriginRequest;
}

/** The requests of a device: what the scheduler asked for, carried out as the agent's transfer does. */
export class Fetches {
  readonly #world: World;
  readonly #device: Device;
  readonly #byId = new Map<FetchId, Fetch>();
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

  /** Its source is gone: the scheduler knows. */
  forget(fetch: FetchId): void {
    this.#byId.delete(fetch);
  }

  abortAll(): void {
    const all = [...this.#byId.values()];
    this.#byId.clear();
    for (const f of all) {
      f.request?.end(true);
      if (f.link) this.#withdraw(f.link, f.piece);
    }
  }

  reportOrigins(): void {
    for (const { source, request } of this.#byId.values()) {
      if (request?.isFilling) this.#device.hear(source);
      if (!request || request.moved <= request.reported) continue;
      this.#device.report(source, request.moved - request.reported);
      request.reported = request.moved;
    }
  }

  /** A piece whose request was cancelled while it was on its way is of no use. */
  onPeerPiece(link: LinkEnd, piece: number, good: boolean): void {
    const at = link.asked.findIndex((a) => a.piece === piece);
    if (at < 0) return;
    const { fetch } = link.asked.splice(at, 1)[0]!;
    this.#verified(() => {
      this.#settle(fetch, piece, good, link.route.peerClass);
      this.#end(fetch, true);
    });
  }

  #giveUp(source: SourceId): void {
    for (const f of [...this.#byId.values()]) if (f.source === source) f.request?.end(true);
    if (!this.#origins.delete(source)) return;
    this.#givenUp++;
    if (!this.hasOrigin) for (const link of this.#device.links) link.shares(false, 0);
  }

  #begin({ fetch, source, run }: Extract<Action, { type: 'fetch' }>): void {
    const link = this.#device.linkOf(source);
    if (link) {
      this.#byId.set(fetch, { source, link, piece: run.first });
      link.asked.push({ piece: run.first, fetch });
      link.request(run.first);
      return;
    }
    const route = this.#origins.get(source);
    if (!route) {
      this.#end(fetch, true);
      return;
    }
    const entry: Fetch = { source, piece: run.first };
    this.#byId.set(fetch, entry);
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
    const f = this.#byId.get(fetch);
    if (!f) return;
    this.#byId.delete(fetch);
    f.request?.end(true);
    if (f.link) this.#withdraw(f.link, f.piece);
    this.#device.later(0, () => this.#device.tell({ type: 'fetchEnded', fetch }));
  }

  #withdraw(link: LinkEnd, piece: number): void {
    const at = link.asked.findIndex((a) => a.piece === piece);
    if (at < 0) return;
    link.asked.splice(at, 1);
    link.cancel(piece);
  }

  #settle(fetch: FetchId, piece: number, good: boolean, from: 'http' | 'cache' | LinkClass): void {
    if (!good) this.#device.bad += this.#world.pieceBytes;
    else this.#device.land(piece, from);
    if (!this.#byId.has(fetch)) return;
    this.#device.tell({ type: good ? 'pieceGood' : 'pieceBad', fetch, piece });
  }

  #end(fetch: FetchId, ok: boolean): void {
    if (!this.#byId.delete(fetch)) return;
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
