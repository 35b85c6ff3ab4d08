import type { IncomingMessage, ServerResponse } from 'node:http';
import { isSluiceError } from '@sluice/protocol';
import type { Fill } from '../fill/fill.ts';
import { type HeldState, heldState } from '../fill/held-state.ts';
import { ObjectReading } from '../fill/object-reading.ts';
import type { Opened, Wish } from '../fill/opener.ts';
import { linkTo, type SourceLink } from '../fill/source-link.ts';
import { variesNot } from '../fill/storable.ts';
import type { WarmDeps } from '../preheat/warm-object.ts';
import { type ClientRequest, ownNodes, readRequest } from '../request/client-request.ts';
import { wishedBytes } from '../request/wished-bytes.ts';
import { isDiskError } from '../store/disk-error.ts';
import type { StoredObject } from '../store/stored-object.ts';
import { judgeReuse } from '../upstream/freshness.ts';
import type { HeaderList } from '../upstream/headers.ts';
import { noteOf } from '../watch/answer-note.ts';
import { planAnswer } from './answer-plan.ts';
import { passThrough } from './pass-through.ts';
import { isBetterThanError, notHeld, reused } from './reuse.ts';
import { finish, type SendDeps, sendObject, writeHead } from './send-object.ts';

export interface HandlerDeps extends SendDeps, WarmDeps {
  /** Asks the source about an object that is answered from meanwhile. */
  refresh(wish: Wish): void;
}

/** An object, and how it came. */
export interface LocatedObject {
  kind: 'object';
  object: StoredObject;
  /** The fill that this request began. */
  fill: Fill | undefined;
  /** It was in the store, and good as it is; STALE also when it is not fresh. */
  known: 'HIT' | 'STALE' | 'REVALIDATED' | undefined;
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
    const { allow, upstream, self, counters, opener, aliases } = this.#deps;
    const request = readRequest(message, allow, self, aliases);
    const note = noteOf(response);
    if (note) note.source = request.source.label;
    const { via, traceparent } = request;
    const passed = { via: ownNodes(via), traceparent };
    const link = linkTo(upstream, request.source, request.path, passed);
    for (let start = 1; start <= maxStarts && !response.destroyed; start++) {
      if (request.personal || opener.passes(request.url)) break;
      if (request.authorized && !this.#isForAll(request)) break;
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
      const verdict = judgeReuse(kept.record.freshness, wallTime(), request.reuse);
      if (verdict === 'refresh') this.#deps.refresh({ url: request.url, bytes: undefined, link });
      if (verdict !== 'ask') return reused(kept, verdict === 'fresh' ? 'HIT' : 'STALE');
    }
    if (request.reuse.onlyIfCached) return notHeld;
    if (request.authorized || !store.writable) return { kind: 'pass' };
    const { opened, began } = opener.open({ url: request.url, bytes: wishedBytes(request), link });
    if (!began) counters.Coalesced++;
    const result = await opened.catch((error) => {
      if (!kept || !isBetterThanError(kept, error, wallTime(), request.reuse)) throw error;
      return reused(kept, 'STALE');
    });
    if ('known' in result) return result;
    if (result.kind === 'object') {
      const fill = began ? result.fill : undefined;
      const known = result.unchanged ? 'REVALIDATED' : undefined;
      return { ...result, fill, known, shared: !began };
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
      const own = this.#own(known ?? 'MISS');
      writeHead(response, plan.status, [...plan.headers, ...own]);
      await finish(response, Buffer.from(plan.after));
      return true;
    }
    const ranges = plan.parts.map(({ range }) => range);
    const fills = fillsOf(object);
    const held = fills.held();
    const state = heldState(held, object, ranges);
    if (state !== 'HIT' && !store.takes(object)) return false;
    const shown = state === 'HIT' ? (known ?? 'HIT') : state;
    const headers = [...plan.headers, ...this.#own(shown)];
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

  /** Whether what is kept may be given to anybody, whoever asks. */
  #isForAll({ url }: ClientRequest): boolean {
    return this.#deps.store.find(url)?.record.freshness.forAll === true;
  }

  #own(state: HeldState | 'STALE' | 'REVALIDATED'): HeaderList {
    return [
      ['via', `1.1 ${this.#deps.self}`],
      ['x-cache', state],
    ];
  }
}
