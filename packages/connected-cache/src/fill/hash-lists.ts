import {
  fillEndpoint,
  isSluiceError,
  maxPhfBytes,
  type PiecesHashFile,
  parsePiecesHashFile,
  verifyPiecesHashFile,
} from '@sluice/protocol';
import { readBody } from '../upstream/exchange.ts';
import type { SourceLink } from './source-link.ts';

export interface HashListOptions {
  /**
   * `ContentPolicy_EndpointFullUri` of the cloud, with `{contentId}`: asked by URL. What it names is held to strictly.
   */
  contentPolicyUri?: string;
  /**
   * Also take what lies beside the object at its source, at `<URL>/pieceshash` or `<URL>.phf` (wire.md §1):
   * that shows damage on the way, not a source that lies.
   */
  fromSource?: boolean;
  /** What the cloud is to be shown; undefined for URLs that are not of the cloud that knows the node. */
  authorization?: (url: string) => string | undefined;
}

export interface FoundHashList {
  phf: PiecesHashFile;
  /** Its HashOfHashes came from the cloud. */
  trusted: boolean;
}

const timeoutMs = 5_000;
const maxPolicyBytes = 256 * 1024;
/** Places of a hash list that are tried. */
const maxPlaces = 4;

/** Finds the hash lists of objects. */
export class HashLists {
  readonly #options: HashListOptions;
  readonly #failed: (error: unknown, url: string) => void;

  /** @param failed hears why a list that should be there is not taken */
  constructor(options: HashListOptions, failed: (error: unknown, url: string) => void) {
    this.#options = options;
    this.#failed = failed;
  }

  /** Undefined when there is none that holds. */
  async find(url: string, link: SourceLink): Promise<FoundHashList | undefined> {
    const { contentPolicyUri, fromSource } = this.#options;
    if (contentPolicyUri !== undefined) {
      const phf = await this.#ofCloud(contentPolicyUri, url).catch((error) => {
        this.#failed(error, url);
        return undefined;
      });
      if (phf) return { phf, trusted: true };
    }
    if (fromSource !== true) return undefined;
    for (const ending of ['/pieceshash', '.phf']) {
      const phf = await this.#beside(link.beside(ending)).catch((error) => {
        // That a guess was wrong is no news; that something there does not hold is.
        if (isSluiceError(error) && error.code.startsWith('Phf')) this.#failed(error, url);
        return undefined;
      });
      if (phf) return { phf, trusted: false };
    }
    return undefined;
  }

  async #ofCloud(template: string, url: string): Promise<PiecesHashFile | undefined> {
    const endpoint = new URL(fillEndpoint(template, undefined));
    endpoint.searchParams.set('altCatalogId', url);
    const { authorization } = this.#options;
    const reply = await fetchBytes(endpoint.href, maxPolicyBytes, authorization);
    if (!reply) return undefined;
    // The schemas are large, and few nodes need them.
    const { parseContentPolicyReply } = await import('@sluice/protocol/schemas');
    const policy = parseContentPolicyReply(JSON.parse(Buffer.from(reply).toString()));
    let fault: unknown;
    for (const place of policy.PiecesHashFileCdnUrls.slice(0, maxPlaces)) {
      try {
        const bytes = await fetchBytes(place, maxPhfBytes, authorization);
        if (!bytes) continue;
        const phf = parsePiecesHashFile(bytes);
        verifyPiecesHashFile(phf, policy.HashOfHashes);
        return phf;
      } catch (error) {
        fault = error;
      }
    }
    if (fault !== undefined) throw fault;
    return undefined;
  }

  async #beside(link: SourceLink): Promise<PiecesHashFile | undefined> {
    const answer = await link.ask('GET', {});
    if (answer.status !== 200) {
      answer.body.abort();
      return undefined;
    }
    const bytes = await readBody(answer.body, maxPhfBytes);
    if (!bytes) return undefined;
    const phf = parsePiecesHashFile(bytes);
    verifyPiecesHashFile(phf, phf.hashOfHashes);
    return phf;
  }
}

/** The body of a 200; undefined for another answer, or one that is too long. */
async function fetchBytes(
  url: string,
  limit: number,
  authorization: HashListOptions['authorization'],
): Promise<Uint8Array | undefined> {
  const shown = authorization?.(url);
  // Where a redirect leads elsewhere `fetch` does not take it along.
  const headers = { ...(shown !== undefined && { authorization: shown }) };
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(timeoutMs) });
  if (answer.status !== 200 || !answer.body) {
    await answer.body?.cancel();
    return undefined;
  }
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > limit) return undefined;
  }
  return Buffer.concat(chunks);
}
