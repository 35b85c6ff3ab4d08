import { Agent } from 'node:http';
import { Agent as TlsAgent, type AgentOptions as TlsAgentOptions } from 'node:https';
import type { ProxyServer, Route } from '../source/proxy/index.ts';

/** Routes whose connections are kept: hardly ever is there more than one. */
const maxRoutes = 8;

/** Node's agents know proxies from 22.21 and 24.5 on; before, they would go straight there. */
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
const knowsProxies = major === 22 ? minor >= 21 : major > 24 || (major === 24 && minor >= 5);

/** Connections for both schemes. */
interface Pair {
  plain: Agent;
  tls: TlsAgent;
}

/**
 * Node's own agents, which keep connections, by the way they take. They know proxies themselves: what is asked by
 * http is sent to the proxy with its whole URL, for https a tunnel is opened.
 */
export class ProxiedAgents {
  readonly #options: TlsAgentOptions;
  readonly #pairs = new Map<string, Pair>();

  constructor(options: TlsAgentOptions) {
    this.#options = options;
  }

  /** @throws when this Node.js is too old for proxies. */
  of(route: Route, protocol: string): Agent {
    if (route !== 'direct' && !knowsProxies) {
      throw new Error(`Node.js ${process.versions.node} knows no proxies: 22.21 or 24.5 does`);
    }
    const proxy = route === 'direct' ? '' : proxyUrl(route);
    const { plain, tls } = this.#pairs.get(proxy) ?? this.#make(proxy);
    return protocol === 'https:' ? tls : plain;
  }

  close(): void {
    for (const pair of this.#pairs.values()) end(pair);
    this.#pairs.clear();
  }

  #make(proxy: string): Pair {
    const [oldest] = this.#pairs;
    if (oldest && this.#pairs.size >= maxRoutes) {
      this.#pairs.delete(oldest[0]);
      end(oldest[1]);
    }
    const options = { ...this.#options, proxyEnv: { HTTP_PROXY: proxy, HTTPS_PROXY: proxy } };
    const pair = { plain: new Agent(options), tls: new TlsAgent(options) };
    this.#pairs.set(proxy, pair);
    return pair;
  }
}

function end({ plain, tls }: Pair): void {
  plain.destroy();
  tls.destroy();
}

/** With its credentials, as Node takes them. */
function proxyUrl({ url, authorization }: ProxyServer): string {
  const pair = authorization && Buffer.from(authorization.replace(/^Basic /, ''), 'base64');
  if (!pair) return url.href;
  const [name = '', ...password] = pair.toString('utf8').split(':');
  const whole = new URL(url);
  whole.username = encodeURIComponent(name);
  whole.password = encodeURIComponent(password.join(':'));
  return whole.href;
}
