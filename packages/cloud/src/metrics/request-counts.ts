import { Histogram, type Labelled } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';

/** Anybody can make up a method: others are counted together. */
const methods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
/** By the first digit: made once, as each would be looked up in all texts there are. */
const kinds = ['', '1xx', '2xx', '3xx', '4xx', '5xx'];

/** What one request came to. */
export interface RequestNote {
  method: string;
  /** The pattern of its route, never the URL, of which there is no end; undefined when there is none. */
  route: string | undefined;
  status: number;
  ms: number;
}

/** What requests came to since the start; its size is bounded by the number of routes. */
export class RequestCounts {
  readonly #routes = new Map<string, Map<string, Map<string, number>>>();
  readonly #times = new Map<string, Histogram>();
  #limited = 0;
  /** Events of devices that are in the database now and were not before. */
  acceptedEvents = 0;

  add({ method, route = 'none', status, ms }: RequestNote): void {
    const ofRoute = at(this.#routes, route, () => new Map<string, Map<string, number>>());
    const ofMethod = at(ofRoute, methods.has(method) ? method : 'other', () => new Map());
    const kind = kinds[Math.floor(status / 100)]!;
    ofMethod.set(kind, (ofMethod.get(kind) ?? 0) + 1);
    at(this.#times, route, () => new Histogram()).add(ms);
    if (status === 429) this.#limited++;
  }

  /** Requests that were answered "too many". */
  get limited(): number {
    return this.#limited;
  }

  /** How many of a route were done as asked. */
  done(method: string, route: string): number {
    return this.#routes.get(route)?.get(method)?.get('2xx') ?? 0;
  }

  get requests(): Labelled<number>[] {
    return [...this.#routes].flatMap(([route, byMethod]) =>
      [...byMethod].flatMap(([method, byStatus]) =>
        [...byStatus].map(([status, n]) => [{ route, method, status }, n] as const),
      ),
    );
  }

  get times(): Labelled<Histogram>[] {
    return [...this.#times].map(([route, times]) => [{ route }, times]);
  }
}

/** Counts what the requests of `app` come to. */
export function watchRequests(app: FastifyInstance, counts: RequestCounts): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    const { statusCode: status, elapsedTime: ms } = reply;
    counts.add({ method, route: routeOptions.url, status, ms });
    done();
  });
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
