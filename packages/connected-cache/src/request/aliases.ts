import { sluiceError } from '@sluice/protocol';
import type { AllowedSource, AllowList } from '../sources/allow-list.ts';
import { bracketed, parseSourceName, type SourceName } from '../sources/source-name.ts';

/** The source of a request, and the origin under which its objects are kept. */
export interface AliasedSource {
  source: AllowedSource;
  origin: string;
}

/**
 * Hosts that bring the same objects share one copy (connected-cache.md §14, CACHEABLE_CUSTOM_n_CANONICAL):
 * it is kept under the canonical name, and fetched from that host when it is a listed source, so that
 * the validators of two servers do not put each other's copy in doubt; else from the one that was named.
 */
export class Aliases {
  readonly #canonical = new Map<string, SourceName>();

  /** @param aliases host[:port] → host[:port]. @throws InvalidArgument */
  constructor(aliases: Readonly<Record<string, string>> = {}) {
    for (const [host, canonical] of Object.entries(aliases)) {
      const name = parseSourceName(host);
      const to = parseSourceName(canonical);
      if (!name || !to) {
        const detail = `"${host}=${canonical}" is not host[:port]=host[:port]`;
        throw sluiceError('InvalidArgument', { name: 'alias', detail });
      }
      this.#canonical.set(textOf(name), to);
    }
  }

  /** Undefined when the source is not listed. */
  resolve(name: SourceName, allow: AllowList): AliasedSource | undefined {
    const canonical = this.#canonical.get(textOf(name));
    const own = canonical && allow.resolve(canonical);
    if (own) return { source: own, origin: own.origin };
    const source = allow.resolve(name);
    if (!source) return undefined;
    return { source, origin: canonical ? `http://${textOf(canonical)}` : source.origin };
  }
}

function textOf({ host, port }: SourceName): string {
  return bracketed(host) + (port === undefined ? '' : `:${port}`);
}
