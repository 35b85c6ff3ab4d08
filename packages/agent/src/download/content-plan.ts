import {
  type Clock,
  type ContentPolicyReply,
  contentIdOf,
  type DownloadModeName,
  DownloadModes,
  type DownloadRequest,
  toSluiceError,
} from '@sluice/protocol';
import { deadline } from '../clock/deadline.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { loadRequests } from '../services/http-json.ts';

/** The cloud answers within this, or the download goes on without it. */
const cloudTimeoutMs = 2_000;
/** One that has answered is up and may be busy: without its hash list there would be no peers. */
const busyCloudTimeoutMs = 6_000;

/** What is known of a content before its first byte, and how it will be fetched. */
export interface ContentPlan {
  mode: DownloadModeName;
  /** Why this mode. */
  reason: string;
  contentId: string | undefined;
  /** Base64, over an authenticated channel; undefined: nothing can be verified, no peers. */
  hashOfHashes: string | undefined;
  /** Where the pieces hash file may be, best first. */
  phfUrls: string[];
  cacheHosts: string[];
  cloud: CloudClient | undefined;
  notes: string[];
}

/** Asks the cloud what the content is, and settles the mode. Never fails for want of the cloud. */
export async function planContent(
  request: DownloadRequest,
  defaults: { cloud: CloudClient | undefined; cacheHosts: string[] },
  clock: Clock,
  signal: AbortSignal,
): Promise<ContentPlan> {
  const notes: string[] = [];
  const asked = modeName(request.Mode ?? DownloadModes.Lan);
  const cloud = asked === 'Simple' ? undefined : defaults.cloud;
  const answer = cloud && (await askCloud(cloud, request, clock, signal, notes));
  const hashOfHashes = asked === 'Simple' ? undefined : trustedHash(request, answer?.policy, notes);
  const plan = {
    contentId: request.ContentId ?? answer?.policy?.ContentId ?? idOf(hashOfHashes),
    phfUrls: phfUrls(request, answer?.policy),
    cacheHosts: request.CacheHosts ?? pickHosts(defaults.cacheHosts, answer?.cacheHosts),
    cloud: answer?.reachable ? cloud : undefined,
    notes,
    hashOfHashes,
  };
  if (asked === 'Simple') return { ...plan, mode: 'Simple', reason: 'asked for' };
  if (hashOfHashes === undefined)
    return { ...plan, mode: 'Simple', reason: noHashReason(request, cloud, notes) };
  const usesPeers = asked !== 'CdnOnly';
  const reason = usesPeers && !plan.cloud ? 'no cloud to find peers with' : 'as set';
  return { ...plan, mode: asked, reason };
}

function modeName(mode: number): DownloadModeName {
  const names = Object.keys(DownloadModes) as DownloadModeName[];
  return names.find((name) => DownloadModes[name] === mode) ?? 'Lan';
}

interface CloudAnswer {
  reachable: boolean;
  policy?: ContentPolicyReply;
  cacheHosts: string[];
}

async function askCloud(
  cloud: CloudClient,
  request: DownloadRequest,
  clock: Clock,
  signal: AbortSignal,
  notes: string[],
): Promise<CloudAnswer> {
  // Loading what asks is our own time, not the cloud's.
  await loadRequests();
  let cacheHosts: string[] = [];
  try {
    using first = deadline(clock, cloudTimeoutMs, signal);
    cacheHosts = await cloud.cacheHosts(first.signal);
    using then = deadline(clock, busyCloudTimeoutMs, signal);
    const name = { contentId: request.ContentId, url: request.Url };
    return { reachable: true, policy: await cloud.contentPolicy(name, then.signal), cacheHosts };
  } catch (error) {
    signal.throwIfAborted();
    const fault = toSluiceError(error);
    notes.push(fault.message);
    return { reachable: fault.code === 'ContentUnknown', cacheHosts };
  }
}

function trustedHash(
  request: DownloadRequest,
  policy: ContentPolicyReply | undefined,
  notes: string[],
): string | undefined {
  const given = request.HashOfHashes;
  if (given && policy && policy.HashOfHashes !== given) {
    notes.push('the cloud names another HashOfHashes than the one given; the given one is used');
  }
  return given ?? policy?.HashOfHashes;
}

/** Microsoft's CDN has the PHF at `<URL>/pieceshash`, Intune at `<URL>.phf` (wire.md §1). */
function phfUrls(request: DownloadRequest, policy: ContentPolicyReply | undefined): string[] {
  const beside = ['/pieceshash', '.phf'].map((ending) => {
    const url = new URL(request.Url);
    url.pathname += ending;
    return url.href;
  });
  const given = request.PhfUrl ? [request.PhfUrl] : [];
  return [...new Set([...given, ...(policy?.PiecesHashFileCdnUrls ?? []), ...beside])];
}

function pickHosts(configured: string[], fromGeo: string[] | undefined): string[] {
  return configured.length > 0 ? configured : (fromGeo ?? []);
}

function idOf(hashOfHashes: string | undefined): string | undefined {
  return hashOfHashes && contentIdOf(hashOfHashes);
}

function noHashReason(
  request: DownloadRequest,
  cloud: CloudClient | undefined,
  notes: string[],
): string {
  if (request.PhfUrl) return 'a PHF without its HashOfHashes proves nothing: give --hash-of-hashes';
  if (!cloud) return 'no HashOfHashes: nothing to verify pieces with';
  return notes.at(-1) ?? 'the cloud has no hash list for it';
}
