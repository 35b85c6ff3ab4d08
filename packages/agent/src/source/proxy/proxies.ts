import type { Clock } from '@sluice/protocol';
import { unlessAborted } from '../../clock/unless-aborted.ts';
import { type Environment, environmentProxy, namesProxy, noProxyOf } from './environment.ts';
import { isExempt, isLoopback } from './no-proxy.ts';
import type { PacScript } from './pac-script.ts';
import { parseProxy, type Routes } from './route.ts';

/** A script is fetched again after so long, ms. */
const scriptMs = 10 * 60_000;
const maxScripts = 8;

/** What a request or the agent says of proxies. */
export interface ProxyWish {
  /** `direct`, a proxy's URL, or `pac+` and the URL of a proxy script. Not given: as the environment says. */
  proxy?: string | undefined;
  /** `name:password`, where the URL has none. */
  user?: string | undefined;
}

/** Knows by which proxies to reach what: of a request, else of the agent, else of the environment. */
export class Proxies {
  readonly #own: ProxyWish;
  readonly #env: Environment;
  readonly #clock: Clock;
  readonly #scripts = new Map<string, { script: Promise<PacScript>; until: number }>();
  readonly #lifetime = new AbortController();

  /** @throws ProxyInvalid */
  constructor(own: ProxyWish, env: Environment, clock: Clock) {
    checkProxy(own);
    this.#own = own;
    this.#env = env;
    this.#clock = clock;
  }

  /** @returns undefined when there is no proxy to think of. @throws ProxyInvalid */
  for(wish: ProxyWish): Routes | undefined {
    const wished = wish.proxy ?? this.#own.proxy;
    if (wished === 'direct') return undefined;
    // What the agent was given is for its own proxy, not for one that a request names.
    const name = wish.user ?? (wish.proxy === undefined ? this.#own.user : undefined);
    if (wished === undefined) return namesProxy(this.#env) ? this.#byEnvironment(name) : undefined;
    if (wished.startsWith('pac+')) return this.#byScript(wished.slice('pac+'.length), name);
    const named = parseProxy(wished, name);
    return async (url) => [this.#isExempt(url) ? 'direct' : named];
  }

  /** Ends what is being fetched. */
  close(): void {
    this.#lifetime.abort();
  }

  #byEnvironment(user: string | undefined): Routes {
    return async (url) => {
      const text = environmentProxy(url, this.#env);
      const isDirect = text === undefined || isLoopback(url) || this.#isExempt(url);
      return [isDirect ? 'direct' : parseProxy(text, user)];
    };
  }

  #byScript(scriptUrl: string, user: string | undefined): Routes {
    return async (url, signal) => {
      if (this.#isExempt(url)) return ['direct'];
      const script = await unlessAborted(this.#script(scriptUrl, user), signal);
      return await script.routes(url);
    };
  }

  #script(url: string, user: string | undefined): Promise<PacScript> {
    const key = JSON.stringify([url, user]);
    const known = this.#scripts.get(key);
    if (known && this.#clock.now() < known.until) return known.script;
    const script = loadScript(url, user, this.#clock, this.#lifetime.signal);
    this.#scripts.set(key, { script, until: this.#clock.now() + scriptMs });
    // What failed is tried again by the next.
    script.catch(() => this.#forget(key, script));
    const [oldest] = this.#scripts.keys();
    if (oldest !== undefined && this.#scripts.size > maxScripts) this.#scripts.delete(oldest);
    return script;
  }

  #forget(key: string, script: Promise<PacScript>): void {
    if (this.#scripts.get(key)?.script === script) this.#scripts.delete(key);
  }

  #isExempt(url: URL): boolean {
    return isExempt(url, noProxyOf(this.#env));
  }
}

/** @throws ProxyInvalid */
export function checkProxy({ proxy }: ProxyWish): void {
  if (proxy === undefined || proxy === 'direct') return;
  parseProxy(proxy.startsWith('pac+') ? proxy.slice('pac+'.length) : proxy);
}

async function loadScript(
  url: string,
  user: string | undefined,
  clock: Clock,
  signal: AbortSignal,
): Promise<PacScript> {
  // Both are loaded only here: hardly any device has a proxy script.
  const { fetchScript } = await import('./fetch-script.ts');
  const { PacScript } = await import('./pac-script.ts');
  return await PacScript.compile(await fetchScript(url, clock, signal), user, clock);
}
