import {
  type Clock,
  type ContentPolicyReply,
  type DownloadRequest,
  type SluiceError,
  type Span,
  toSluiceError,
} from '@sluice/protocol';
import type { GeoHosts } from '../cache-hosts/cache-host-finder.ts';
import { delay } from '../clock/delay.ts';
import { inTime } from '../clock/in-time.ts';
import type { CloudClient } from '../services/cloud-client.ts';

/** The cloud answers within this, or the download goes on without it … */
export const cloudTimeoutMs = 2_000;
/**
 * … or, while bytes come without it, within this: nobody waits for it then. A crowd that starts at once makes
 * a cloud slow, and every device that takes it for dead brings one more copy over the line, unverified.
 */
const longestMs = 30_000;

export interface CloudQuestion {
  clock: Clock;
  /** Of the download, where somebody wants traces. */
  span?: Span | undefined;
  /** Pending while bytes come without the cloud. */
  meanwhile?: Promise<unknown> | undefined;
}

export interface CloudAnswer {
  reachable: boolean;
  policy?: ContentPolicyReply;
  /** Why there is no policy. */
  error?: SluiceError;
  geo: GeoHosts | undefined;
}

/** What the cloud says of a content; never rejects for want of the cloud. */
export async function askCloud(
  cloud: CloudClient,
  request: DownloadRequest,
  { clock, span, meanwhile }: CloudQuestion,
  signal: AbortSignal,
): Promise<CloudAnswer> {
  const ended = new AbortController();
  const waiting = AbortSignal.any([signal, ended.signal]);
  void silence(clock, meanwhile, waiting).then((ms) =>
    ended.abort(new DOMException(`no answer within ${ms} ms`, 'TimeoutError')),
  );
  let geo: GeoHosts | undefined;
  try {
    geo = await cloud.cacheHosts(waiting);
    const { ContentId: contentId, Url: url, Sha256: sha256 } = request;
    const { PredefinedCallerApplication: caller } = request;
    const name = { contentId, url, sha256, caller, span };
    return { reachable: true, policy: await cloud.contentPolicy(name, waiting), geo };
  } catch (error) {
    signal.throwIfAborted();
    const fault = toSluiceError(error);
    return { reachable: fault.code === 'ContentUnknown', error: fault, geo };
  } finally {
    ended.abort();
  }
}

/** Resolves when a cloud that is silent is not waited for any more, or `signal` aborts. @returns ms, to a tenth of a second */
async function silence(
  clock: Clock,
  meanwhile: Promise<unknown> | undefined,
  signal: AbortSignal,
): Promise<number> {
  const startedAt = clock.now();
  await delay(clock, cloudTimeoutMs, signal);
  if (meanwhile) await inTime(clock, longestMs - cloudTimeoutMs, meanwhile, signal);
  return Math.round((clock.now() - startedAt) / 100) * 100;
}
