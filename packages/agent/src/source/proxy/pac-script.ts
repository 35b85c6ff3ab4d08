import { networkInterfaces } from 'node:os';
import { type Clock, sluiceError } from '@sluice/protocol';
import { createPacResolver } from 'pac-resolver';
import { QuickJS } from 'quickjs-wasi';
import { parseProxy, type Route } from './route.ts';

/** A script that runs longer than this at a stretch is stopped: it holds up everything else. */
const maxRunMs = 500;
const memoryLimit = 32 << 20;

/**
 * A proxy auto-configuration script (`FindProxyForURL`), run in a JavaScript engine of its own: it came
 * over the network and may not touch this process. Loaded only when there is one.
 */
export class PacScript {
  readonly #find: (url: URL) => Promise<string>;
  readonly #user: string | undefined;

  private constructor(find: (url: URL) => Promise<string>, user: string | undefined) {
    this.#find = find;
    this.#user = user;
  }

  /** @param user `name:password` for all proxies it names. @throws ProxyScriptFailed */
  static async compile(text: string, user: string | undefined, clock: Clock): Promise<PacScript> {
    let until = 0;
    try {
      const engine = await QuickJS.create({
        memoryLimit,
        interruptHandler: () => clock.now() > until,
      });
      // What the library has in their place asks a public server, and prints to standard output.
      const sandbox = { myIpAddress: async () => ownAddress(), alert: () => {} };
      until = clock.now() + maxRunMs;
      const find = createPacResolver(engine, text, { sandbox });
      return new PacScript((url) => {
        until = clock.now() + maxRunMs;
        // Path and query are nobody's business (Chromium and Firefox strip them, too).
        return find(new URL('/', url).href, url.hostname);
      }, user);
    } catch (error) {
      throw scriptFailed(error);
    }
  }

  /** @throws ProxyScriptFailed */
  async routes(url: URL): Promise<Route[]> {
    try {
      return parseAnswer(await this.#find(url), this.#user);
    } catch (error) {
      throw scriptFailed(error);
    }
  }
}

/** `PROXY host:port; HTTPS host:port; DIRECT`; what is of another kind (SOCKS) is passed over. */
function parseAnswer(answer: unknown, user: string | undefined): Route[] {
  if (typeof answer !== 'string' || answer.trim() === '') return ['direct'];
  const routes = answer.split(';').flatMap((part): Route[] => {
    const [kind = '', host = ''] = part.trim().split(/\s+/);
    if (/^DIRECT$/i.test(kind)) return ['direct'];
    if (/^(PROXY|HTTP)$/i.test(kind)) return [parseProxy(`http://${host}`, user)];
    return /^HTTPS$/i.test(kind) ? [parseProxy(`https://${host}`, user)] : [];
  });
  if (routes.length > 0) return routes;
  throw new Error(`it names no proxy that can be used: ${answer.slice(0, 100)}`);
}

function ownAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return all.find((a) => a.family === 'IPv4' && !a.internal)?.address ?? '127.0.0.1';
}

function scriptFailed(error: unknown): Error {
  const detail = (error instanceof Error ? error.message : String(error)).slice(0, 300);
  return sluiceError('ProxyScriptFailed', { detail, retryable: false }, { cause: error });
}
