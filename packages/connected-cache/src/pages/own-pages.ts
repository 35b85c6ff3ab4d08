import { statfs } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { metricsType, sluiceError } from '@sluice/protocol';
import type { RegistrationStatus } from '../registration/cloud-link.ts';
import { hasMarker } from '../request/target.ts';
import type { AllowList } from '../sources/allow-list.ts';
import { parseSourceName } from '../sources/source-name.ts';
import type { CacheStats } from '../stats.ts';
import { metricsText } from '../watch/metrics-text.ts';
import { type NodeStatus, nodeStatus } from '../watch/node-status.ts';
import { summaryOf } from '../watch/summary.ts';
import type { Watch } from '../watch/watch.ts';
import { mayRead, type PageAccess } from './page-access.ts';
import { statusPage, statusPagePolicy } from './status-page.ts';

export interface OwnPagesDeps {
  allow: AllowList;
  watch: Watch;
  stats: () => CacheStats;
  cacheDir: string;
  maxBytes: number;
  access: PageAccess;
  registration: () => RegistrationStatus | undefined;
}

interface Page {
  type: string;
  text: string;
  policy?: string;
}

/** The pages about the node itself, under their own names and those that Microsoft's nodes have. */
const pages: Record<string, keyof OwnPages['makers']> = {
  '/_sluice/stats': 'stats',
  '/_sluice/status': 'status',
  '/_sluice/metrics': 'metrics',
  '/metrics': 'metrics',
  '/_sluice/summary': 'summary',
  '/summary': 'summary',
  '/_sluice/': 'details',
  '/details': 'details',
};

/** What the node tells of itself, to those who may know. */
export class OwnPages {
  readonly #deps: OwnPagesDeps;
  readonly makers = {
    stats: async () => json(this.#deps.stats()),
    status: async () => json(this.status()),
    summary: async () => json(summaryOf(this.#deps.stats())),
    details: async (): Promise<Page> => ({
      type: 'text/html; charset=utf-8',
      text: statusPage(this.status(), this.#deps.watch.history.samples),
      policy: statusPagePolicy,
    }),
    metrics: async (): Promise<Page> => ({
      type: metricsType,
      text: await this.#metrics(),
    }),
  };

  constructor(deps: OwnPagesDeps) {
    this.#deps = deps;
  }

  status(): NodeStatus {
    const { watch, stats, maxBytes } = this.#deps;
    return nodeStatus(watch, stats(), maxBytes, this.#deps.registration());
  }

  /**
   * Whether a request is for the node itself: one of its paths, without the marker of a source. The
   * short names are the node's only where `Host` names no source: a source may have them too.
   */
  isFor({
    url = '',
    headers,
    method,
  }: Pick<IncomingMessage, 'url' | 'headers' | 'method'>): boolean {
    const path = url.split('?', 1)[0]!;
    if (!Object.hasOwn(pages, path) || (method !== 'GET' && method !== 'HEAD')) return false;
    if (hasMarker(url)) return false;
    if (path.startsWith('/_sluice/')) return true;
    const name = parseSourceName(headers.host ?? '');
    return !name || !this.#deps.allow.resolve(name);
  }

  /** Answers a request for which `isFor` holds. @throws CacheRequestInvalid: not for this caller */
  async reply(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = (message.url ?? '').split('?', 1)[0]!;
    const name = pages[path]!;
    const { access } = this.#deps;
    const isOpen = name === 'summary' && access.summaryPublic === true;
    if (!isOpen && !mayRead(message, access)) {
      throw sluiceError('CacheRequestInvalid', {
        detail: `${path} from another machine without the key`,
        status: 403,
      });
    }
    const { type, text, policy } = await this.makers[name]();
    response.writeHead(200, {
      'content-type': type,
      'content-length': Buffer.byteLength(text),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      ...(policy !== undefined && { 'content-security-policy': policy }),
    });
    response.end(message.method === 'HEAD' ? undefined : text);
  }

  async #metrics(): Promise<string> {
    const { watch, stats, maxBytes, cacheDir } = this.#deps;
    const { traffic, issues, startedAt } = watch;
    const openIssues = issues.list.filter(({ EndTime }) => EndTime === null).length;
    const facts = { stats: stats(), traffic, maxBytes, openIssues, startedAt };
    return metricsText({ ...facts, disk: await diskOf(cacheDir) });
  }
}

async function diskOf(folder: string): Promise<{ free: number; total: number } | undefined> {
  try {
    const { bavail, blocks, bsize } = await statfs(folder);
    return { free: bavail * bsize, total: blocks * bsize };
  } catch {
    // A drive that is gone is an issue of the node, not of the page.
    return undefined;
  }
}

function json(value: object): Page {
  return { type: 'application/json', text: `${JSON.stringify(value)}\n` };
}
