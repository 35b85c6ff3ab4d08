import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSluiceError } from '@sluice/protocol';
import type { WallTime } from '../clock.ts';
import type { Fill } from '../fill/fill.ts';
import { type HeldState, heldState } from '../fill/held-state.ts';
import type { ObjectFills } from '../fill/object-fills.ts';
import { ObjectReading, type ReadingDeps } from '../fill/object-reading.ts';
import type { Opened, Opener } from '../fill/opener.ts';
import { linkTo, type SourceLink } from '../fill/source-link.ts';
import { variesNot } from '../fill/storable.ts';
import { type ClientRequest, readRequest } from '../request/client-request.ts';
import { wishedBytes } from '../request/wished-bytes.ts';
import type { AllowList } from '../sources/allow-list.ts';
import type { CacheStore } from '../store/cache-store.ts';
import { isDiskError } from '../store/disk-error.ts';
import type { StoredObject } from '../store/stored-object.ts';
import { isFresh } from '../upstream/freshness.ts';
import type { HeaderList } from '../upstream/headers.ts';
import type { Upstream } from '../upstream/upstream.ts';
import { noteOf } from '../watch/answer-note.ts';
import { planAnswer } from './answer-plan.ts';
import { passThrough } from './pass-through.ts';
import { finish, type SendDeps, sendObject, writeHead } from './send-object.ts';

export interface HandlerDeps extends SendDeps {
  allow: AllowList;
  upstream: Upstream;
  store: CacheStore;
  opener: Opener;
  fillsOf(object: StoredObject): ObjectFills;
  reading: ReadingDeps;
  wallTime: WallTime;
  /** The node's name in Via. */
  self: string;
}

/** An object, and how it came. */
interface LocatedObject {
  kind: 'object';
  object: StoredObject;
  /** The fill that this request began. */
  fill: Fill | undefined;
  /** It was in the store, and fresh. */
  known: boolean;
  /** Another request had asked for it already. */
  shared: boolean;
}

type Located = LocatedObject | Exclude<Opened, { kind: 'object' }>;

/** How often a request starts over because the object changed under it; then the source answers it. */
const maxStarts = 3;

/** Answers requests for objects: from the store, with what is missing fetched, or by the source. */
export class CacheHandler {
  readonly #deps: HandlerDeps;

  constructor(deps: HandlerDeps) {
    this.#deps = deps;
  }

  /** @throws what `replyError` can turn into an answer */
  async handle(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const { allow, upstream, self, counters, opener } = this.#deps;
    const request = readRequest(message, allow, self);
    const note = noteOf(response);
    if (note) note.source = request.source.label;
    const link = linkTo(upstream, request.source, request.path, request.via);
    for (let start = 1; start <= maxStarts && !response.destroyed; start++) {
      if (request.personal || opener.passes(request.url)) break;
      const opened = await this.#locate(request, link);
      if (opened === undefined) continue;
      if (opened.kind === 'pass') break;
      if (opened.kind === 'answer') return this.#sendAnswer(response, opened);
      if (!variesNot(opened.object.record.headers, request.headers)) break;
      if (await this.#sendObject(request, response, link, opened)) return;
    }
    if (response.destroyed) return;
    counters.PassedRequests++;
    await passThrough(request, response, this.#own('MISS'), upstream, this.#deps);
  }

  /** Undefined when the request must start over. */
  async #locate(request: ClientRequest, link: SourceLink): Promise<Located | undefined> {
    const { store, opener, counters, wallTime } = this.#deps;
    const kept = store.find(request.url);
    if (kept) {
      if (!variesNot(kept.record.headers, request.headers)) return { kind: 'pass' };
      if (isFresh(kept.record.freshness, wallTime(), request.maxAgeMs)) {
        return { kind: 'object', object: kept, fill: undefined, known: true, shared: false };
      }
    }
    if (!store.writable) return { kind: 'pass' };
    const { opened, began } = opener.open({ url: request.url, bytes: wishedBytes(request), link });
    if (!began) counters.Coalesced++;
    const result = await opened;
    if (result.kind === 'object') {
      const fill = began ? result.fill : undefined;
      return { ...result, fill, known: false, shared: !began };
    }
    // That another's range lies beyond the end says nothing about this one's.
    if (result.kind === 'answer' && result.status === 416 && !began) return undefined;
    return result;
  }

  /** @returns false when nothing was sent because the object changed or the disk takes no bytes */
  async #sendObject(
    request: ClientRequest,
    response: ServerResponse,
    link: SourceLink,
    { object, fill, known, shared }: LocatedObject,
  ): Promise<boolean> {
    const { store, fillsOf, wallTime, reading: readingDeps } = this.#deps;
    const plan = planAnswer(object, request, wallTime());
    if (request.method === 'HEAD' || plan.parts.length === 0) {
      const own = this.#own(known ? 'HIT' : 'MISS');
      writeHead(response, plan.status, [...plan.headers, ...own]);
      await finish(response, Buffer.from(plan.after));
      return true;
    }
    const ranges = plan.parts.map(({ range }) => range);
    const fills = fillsOf(object);
    const held = fills.held();
    const state = heldState(held, object, ranges);
    if (state !== 'HIT' && !store.writable) return false;
    const headers = [...plan.headers, ...this.#own(state)];
    const begun = { held, fill, shared };
    const reading = new ObjectReading(fills, ranges, link, readingDeps, begun);
    try {
      await sendObject(response, plan, headers, reading, this.#deps);
      return true;
    } catch (error) {
      if (response.headersSent) throw error;
      if (isSluiceError(error, 'CacheObjectChanged') || isDiskError(error)) return false;
      throw error;
    }
  }

  async #sendAnswer(
    response: ServerResponse,
    { status, headers, body }: Extract<Opened, { kind: 'answer' }>,
  ): Promise<void> {
    const text = body ?? Buffer.from(`the source answered ${status}\n`);
    const length: HeaderList = [['content-length', `${text.length}`]];
    writeHead(response, status, [...headers, ...length, ...this.#own('MISS')]);
    await finish(response, text);
  }

  #own(state: HeldState): HeaderList {
    return [
      ['via', `1.1 ${this.#deps.self}`],
      ['x-cache', state],
    ];
  }
}
