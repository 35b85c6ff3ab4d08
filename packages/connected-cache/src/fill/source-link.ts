import type { AllowedSource } from '../sources/allow-list.ts';
import type { Answer } from '../upstream/exchange.ts';
import type { Upstream } from '../upstream/upstream.ts';

/** The way to one object at its source. */
export interface SourceLink {
  readonly source: AllowedSource;
  /** Asks with the same headers for everybody, so that the answer is good for everybody. */
  ask(method: 'GET' | 'HEAD', headers: Record<string, string>): Promise<Answer>;
  /** The way to what lies beside it: `ending` behind its path, before the query. */
  beside(ending: string): SourceLink;
}

/** What a source hears from the node in every request whose answer is to be kept. */
export const fixedHeaders: Readonly<Record<string, string>> = {
  accept: '*/*',
  'accept-encoding': 'identity',
  'user-agent': 'Sluice-Connected-Cache',
};

/**
 * @param path with its query
 * @param passed `via`: the nodes that the request has passed, this one included; `traceparent`: random numbers, by
 *   which no answer becomes another one
 */
export function linkTo(
  upstream: Upstream,
  source: AllowedSource,
  path: string,
  passed: { via: string; traceparent?: string | undefined },
): SourceLink {
  const { via, traceparent } = passed;
  const own = { ...fixedHeaders, via, ...(traceparent !== undefined && { traceparent }) };
  return {
    source,
    ask: (method, headers) =>
      upstream.ask({ source, path, method, headers: { ...own, ...headers } }),
    beside(ending) {
      const [file = '', ...query] = path.split('?');
      return linkTo(upstream, source, [file + ending, ...query].join('?'), passed);
    },
  };
}
