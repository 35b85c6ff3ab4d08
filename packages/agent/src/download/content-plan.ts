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
import type { TrustedContent } from '../jobs/job.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { cacheUrl } from '../source/cache/cache-url.ts';

/** The cloud answers within this, or the download goes on without it. */
const cloudTimeoutMs = 2_000;

/** What is known of a content before its first byte, and how it will be fetched. */
export interface ContentPlan {
  mode: DownloadModeName;
  /** Why this mode. */
  reason: string;
  /** What the pieces will be held against; undefined: nothing can be verified, no peers. */
  trusted: TrustedContent | undefined;
  /** Where the pieces hash file is by the word of the caller or the publisher, best first. */
  phfUrls: string[];
  /** Usable ones, best first. */
  cacheHosts: string[];
  /** Set when peers may be used, and there is somebody to ask for them. */
  cloud: CloudClient | undefined;
  /** Whether peers are looked for on the local network. */
  findsLocally: boolean;
  notes: string[];
}

/** What the device brings to a plan. */
export interface PlanDefaults {
  cloud: CloudClient | undefined;
  /** Whether it can look for peers on the local network. */
  findsLocally: boolean;
  cacheHosts: string[];
  /** What an earlier try knew; holds while the cloud does not say otherwise. */
  trusted: TrustedContent | undefined;
}

/** Asks the cloud what the content is, and settles the mode. Never fails for want of the cloud. */
export async function planContent(
  request: DownloadRequest,
  defaults: PlanDefaults,
  clock: Clock,
  signal: AbortSignal,
): Promise<ContentPlan> {
  const notes: string[] = [];
  const asked = modeNameOf(request);
  const cloud = asked === 'Simple' ? undefined : defaults.cloud;
  const answer = cloud && (await askCloud(cloud, request, clock, signal, notes));
  const trusted = trustedContent(request, answer?.policy, defaults, notes);
  const hosts = request.CacheHosts ?? pickHosts(defaults.cacheHosts, answer?.cacheHosts);
  const usesPeers = trusted !== undefined && asked !== 'Simple' && asked !== 'CdnOnly';
  const plan = {
    trusted,
    phfUrls: phfUrls(request, answer?.policy),
    cacheHosts: usableHosts(hosts, request.Url, notes),
    cloud: answer?.reachable && asked !== 'CdnOnly' ? cloud : undefined,
    findsLocally: usesPeers && defaults.findsLocally,
    notes,
  };
  if (asked === 'Simple') return { ...plan, mode: 'Simple', reason: 'asked for' };
  if (!trusted) return { ...plan, mode: 'Simple', reason: noHashReason(request, cloud, notes) };
  return { ...plan, mode: asked, reason: usesPeers ? peersReason(plan) : 'as set' };
}

/** Why the mode is as it is, when peers may be used. */
export function peersReason(by: Pick<ContentPlan, 'cloud' | 'findsLocally'>): string {
  if (by.cloud) return 'as set';
  return by.findsLocally
    ? 'as set; no cloud, so peers on the local network only'
    : 'no cloud to find peers with';
}

/** The mode that was asked for; LAN peers when none was. */
export function modeNameOf({ Mode }: DownloadRequest): DownloadModeName {
  const names = Object.keys(DownloadModes) as DownloadModeName[];
  return names.find((name) => DownloadModes[name] === Mode) ?? 'Lan';
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
  using limit = deadline(clock, cloudTimeoutMs, signal);
  let cacheHosts: string[] = [];
  try {
    cacheHosts = await cloud.cacheHosts(limit.signal);
    const name = { contentId: request.ContentId, url: request.Url };
    return { reachable: true, policy: await cloud.contentPolicy(name, limit.signal), cacheHosts };
  } catch (error) {
    signal.throwIfAborted();
    const fault = toSluiceError(error);
    notes.push(fault.message);
    return { reachable: fault.code === 'ContentUnknown', cacheHosts };
  }
}

function trustedContent(
  request: DownloadRequest,
  policy: ContentPolicyReply | undefined,
  { trusted }: PlanDefaults,
  notes: string[],
): TrustedContent | undefined {
  const given = request.HashOfHashes;
  if (given && policy && policy.HashOfHashes !== given) {
    notes.push('the cloud names another HashOfHashes than the one given; the given one is used');
  }
  const hash = given ?? policy?.HashOfHashes;
  if (hash === undefined) return trusted;
  const named = request.ContentId ?? (policy?.HashOfHashes === hash ? policy.ContentId : undefined);
  return { HashOfHashes: hash, ContentId: named ?? contentIdOf(hash) };
}

function phfUrls(request: DownloadRequest, policy: ContentPolicyReply | undefined): string[] {
  const given = request.PhfUrl ? [request.PhfUrl] : [];
  return [...new Set([...given, ...(policy?.PiecesHashFileCdnUrls ?? [])])];
}

function pickHosts(configured: string[], fromGeo: string[] | undefined): string[] {
  return configured.length > 0 ? configured : (fromGeo ?? []);
}

/** A cache host that is none must not keep a download from going without. */
function usableHosts(hosts: string[], url: string, notes: string[]): string[] {
  return hosts.filter((host) => {
    try {
      cacheUrl(host, url);
      return true;
    } catch (error) {
      notes.push(`not used: ${toSluiceError(error).message}`);
      return false;
    }
  });
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
