import { isSluiceError } from '@sluice/protocol';
import type { Route, Routes } from '../proxy/index.ts';
import { cancelled } from './wire/on-abort.ts';

/** The ways from one source to its hosts: those that did not work come last. */
export class RouteBook {
  readonly #routes: Routes;
  readonly #broken = new Set<string>();

  constructor(routes: Routes) {
    this.#routes = routes;
  }

  /** @throws ProxyInvalid, ProxyScriptFailed, Cancelled. */
  async for(url: URL, signal: AbortSignal): Promise<readonly Route[]> {
    try {
      const routes = await this.#routes(url, signal);
      const isBroken = (route: Route) => Number(this.#broken.has(nameOf(route)));
      return routes.toSorted((a, b) => isBroken(a) - isBroken(b));
    } catch (error) {
      throw signal.aborted ? cancelled(signal) : error;
    }
  }

  /** Whether a request failed by its way, so that another way may work. */
  isBroken(route: Route, error: unknown): boolean {
    if (!isSluiceError(error) || !wayFaults.has(error.code)) return false;
    this.#broken.add(nameOf(route));
    return true;
  }
}

const wayFaults: ReadonlySet<string> = new Set([
  'SourceProxyFailed',
  'SourceConnectTimeout',
  'SourceRefused',
  'SourceUnreachable',
  'SourceDnsFailed',
]);

function nameOf(route: Route): string {
  return route === 'direct' ? route : route.url.origin;
}
