import {
  type DownloadRequest,
  isSluiceError,
  type PiecesHashFile,
  parsePiecesHashFile,
  toSluiceError,
  verifyPiecesHashFile,
} from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import { firstToSucceed } from '../clock/first-to-succeed.ts';
import { createCacheSource, createHttpSource, type Source } from '../source/index.ts';
import type { ContentPlan } from './content-plan.ts';
import type { DownloadContext } from './download.ts';
import { fetchPhf } from './fetch-phf.ts';
import { accessTo } from './http-access.ts';

/** A place that has not answered by then is not waited for alone. */
const staggerMs = 750;
/** After that the download goes on without. */
const timeoutMs = 20_000;

/** So many cache hosts are asked for it, at each place it may be. */
const maxCacheHosts = 2;

/** Another way to get it, such as from peers; undefined when there is none that verifies. */
export type OtherWay = (signal: AbortSignal) => Promise<PiecesHashFile | undefined>;

/**
 * Gets the pieces hash file from whoever has it: where publisher or caller say, beside the content, by
 * the cache host, from peers. What does not verify is a finding of the plan.
 * @returns undefined when there is none that verifies.
 */
export async function findPhf(
  request: DownloadRequest,
  plan: ContentPlan,
  hashOfHashes: string,
  fromPeers: OtherWay | undefined,
  context: DownloadContext,
  signal: AbortSignal,
): Promise<PiecesHashFile | undefined> {
  const sent = sentAlong(plan, hashOfHashes);
  if (sent) return sent;
  const { clock } = context;
  const places = placesOf(request, plan, context);
  const attempts = places.map(({ source }) => async (stop: AbortSignal) => {
    const phf = await fetchPhf(await source(stop), stop);
    verifyPiecesHashFile(phf, hashOfHashes);
    return phf;
  });
  if (fromPeers) {
    attempts.push(async (stop) => {
      const phf = await fromPeers(stop);
      if (!phf) throw new Error('no peer has it');
      return phf;
    });
  }
  using limit = deadline(clock, timeoutMs, signal);
  try {
    return await firstToSucceed(attempts, staggerMs, clock, limit.signal);
  } catch (error) {
    signal.throwIfAborted();
    const faults = error instanceof AggregateError ? error.errors : [];
    for (const [i, { label, named }] of places.entries()) {
      if (faults[i] !== undefined) noteFault(plan, label, named, faults[i]);
    }
    plan.findings.add({ what: 'noHashList' });
    return undefined;
  }
}

/** What came with the cloud's answer; when it is not what it should be, there are other places. */
function sentAlong(
  { phf, findings }: ContentPlan,
  hashOfHashes: string,
): PiecesHashFile | undefined {
  if (phf === undefined) return undefined;
  try {
    const parsed = parsePiecesHashFile(Buffer.from(phf));
    verifyPiecesHashFile(parsed, hashOfHashes);
    return parsed;
  } catch (error) {
    findings.add({
      what: 'hashListFault',
      place: 'the content policy',
      error: toSluiceError(error),
    });
    return undefined;
  }
}

interface Place {
  source: (signal: AbortSignal) => Source | Promise<Source>;
  label: string;
  /** Somebody said that it is there; else it is only a guess. */
  named: boolean;
}

/**
 * Microsoft's CDN has the PHF at `<URL>/pieceshash`, Intune at `<URL>.phf` (wire.md §1). What the
 * publisher names is mostly the cloud's own, which the cache host does not serve; what lies beside the
 * content is best asked of the cache host.
 */
function placesOf(request: DownloadRequest, plan: ContentPlan, context: DownloadContext): Place[] {
  const { clock, hostSlots: slots } = context;
  const direct = (url: string, named: boolean): Place => ({
    source: async (signal) => {
      // Of the cloud's own the device has to say who it is, too.
      const own = await context.cloudFor(request)?.accessTo(url, signal);
      return createHttpSource({ url, clock, ...accessTo(url, request, context), ...own });
    },
    label: labelOf(url),
    named,
  });
  const cached = (url: string): Place[] =>
    plan.cacheHosts.slice(0, maxCacheHosts).map((cacheHost) => ({
      source: () => createCacheSource({ cacheHost, url, clock, slots }),
      label: `${labelOf(url)} from cache host ${cacheHost}`,
      named: false,
    }));
  return [
    ...plan.phfUrls.flatMap((url) => [direct(url, true), ...cached(url)]),
    ...besideUrls(request.Url, plan.phfUrls).flatMap((url) => [...cached(url), direct(url, false)]),
  ];
}

function besideUrls(contentUrl: string, known: string[]): string[] {
  const beside = ['/pieceshash', '.phf'].map((ending) => {
    const url = new URL(contentUrl);
    url.pathname += ending;
    return url.href;
  });
  return beside.filter((url) => !known.includes(url));
}

function labelOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** That a guess was wrong is no news; that something there does not verify is. */
function noteFault(plan: ContentPlan, label: string, named: boolean, error: unknown): void {
  const fault = toSluiceError(error);
  const isProof = fault.code.startsWith('Phf');
  if (!isProof && !named) return;
  const isLate = isSluiceError(fault, 'Cancelled');
  plan.findings.add({
    what: 'hashListFault',
    place: label,
    ...(isLate ? {} : { error: fault }),
  });
}
