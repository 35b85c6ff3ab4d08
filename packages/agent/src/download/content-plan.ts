import {
  type AllowedSources,
  type Clock,
  type ContentPolicies,
  type ContentPolicyReply,
  contentIdOf,
  type DownloadModeName,
  type DownloadRequest,
  type PolicySettings,
  sluiceError,
  toSluiceError,
} from '@sluice/protocol';
import type { CacheHostFinder } from '../cache-hosts/cache-host-finder.ts';
import type { TrustedContent } from '../jobs/job.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import type { SignatureCheck } from '../signing/signature-check.ts';
import { cacheUrl } from '../source/cache/cache-url.ts';
import { Findings } from '../why/findings.ts';
import { askCloud, type CloudAnswer, type CloudQuestion } from './ask-cloud.ts';
import { mirrorsOf } from './mirrors-of.ts';
import type { PeerScope } from './settled-mode.ts';

/** What is known of a content before its first byte, and how it will be fetched. */
export interface ContentPlan {
  mode: DownloadModeName;
  /** Why this mode. */
  reason: string;
  /** What the pieces will be held against; undefined: nothing can be verified, no peers. */
  trusted: TrustedContent | undefined;
  /** Where the pieces hash file is by the word of the caller or the publisher, best first. */
  phfUrls: string[];
  /** The text of the pieces hash file, when the cloud sent it along. */
  phf: string | undefined;
  /** Where the array of the content is, when the cloud said so along. */
  arrayUrl: string | undefined;
  /** Whose peers, in mode Group. */
  groupId: string | undefined;
  /** The settings it was made by. */
  plannedWith: PolicySettings;
  /** Other URLs of the same object, best first. */
  mirrors: string[];
  /** Usable ones, best first. */
  cacheHosts: string[];
  /** They were found on the local network: only for what can be verified. */
  cacheHostsNeedProof: boolean;
  /** Set when peers may be used, and there is somebody to ask for them. */
  cloud: CloudClient | undefined;
  /** What the publisher wishes. */
  policies: ContentPolicies | undefined;
  /** From where it may come; undefined: from everywhere. */
  allow: AllowedSources | undefined;
  /** Whether peers are looked for on the local network. */
  findsLocally: boolean;
  findings: Findings;
}

/** What the device brings to a plan. */
export interface PlanDefaults extends Pick<CloudQuestion, 'span' | 'meanwhile'> {
  cloud: CloudClient | undefined;
  /** Whether it can look for peers on the local network. */
  findsLocally: boolean;
  cacheHosts: CacheHostFinder;
  /** Undefined: what the cloud says is believed. */
  signatures: SignatureCheck | undefined;
  scope: PeerScope;
  /** What an earlier try knew; holds while the cloud does not say otherwise. */
  trusted: TrustedContent | undefined;
}

/**
 * Asks the cloud what the content is, and settles the mode. Never fails for want of the cloud.
 * @throws ContentBlocked
 */
export async function planContent(
  request: DownloadRequest,
  defaults: PlanDefaults,
  clock: Clock,
  signal: AbortSignal,
): Promise<ContentPlan> {
  const findings = new Findings();
  const { scope } = defaults;
  const asked = scope.mode;
  const cloud = asked === 'Simple' ? undefined : defaults.cloud;
  const answer = cloud && (await askCloud(cloud, request, { clock, ...defaults }, signal));
  const unsigned = await signatureFaultOf(answer, cloud, defaults, findings, signal);
  // Whom nobody vouches for has said nothing of the hash.
  const named = unsigned ? undefined : answer?.policy;
  const before = unsigned ? { ...defaults, trusted: undefined } : defaults;
  const trusted = trustedContent(request, named, before, findings);
  const allow = allowedSources(answer, findings);
  if (answer?.error) {
    const ruledOut = !answer.reachable || !trusted;
    findings.add({ what: 'cloudFault', error: answer.error, ruledOut });
  }
  const {
    refusal,
    needProof = false,
    ...found
  } = await defaults.cacheHosts.find(request.CacheHosts, answer?.geo, trusted !== undefined);
  const hosts = allow?.Cache === false ? [] : found.hosts;
  if (refusal) findings.add({ what: 'cacheRefused', ruledOut: refusal });
  const wantsPeers = asked !== 'Simple' && asked !== 'CdnOnly';
  const usesPeers = wantsPeers && allow?.P2P !== false;
  const plan = {
    trusted,
    phfUrls: phfUrls(request, named),
    phf: named?.PiecesHashFile,
    arrayUrl: answer?.policy?.CollectiveArray,
    groupId: scope.groupId,
    plannedWith: scope.plannedWith,
    mirrors: mirrorsOf(request, named),
    cacheHosts: usableHosts(hosts, request.Url, findings),
    cacheHostsNeedProof: needProof,
    cloud: answer?.reachable && usesPeers ? cloud : undefined,
    policies: answer?.policy?.Policies,
    allow,
    findsLocally: trusted !== undefined && usesPeers && defaults.findsLocally,
    findings,
  };
  if (!wantsPeers) {
    const setBy = scope.by === 'request' ? 'the request' : scope.setBy;
    findings.add({ what: 'modeWithoutPeers', mode: asked, setBy });
  } else if (usesPeers && !cloud && !plan.findsLocally) findings.add({ what: 'noCloud' });
  if (hosts.length === 0 && !refusal && allow?.Cache !== false)
    findings.add({ what: 'noCacheHost' });
  if (asked === 'Simple')
    return {
      ...plan,
      mode: 'Simple',
      reason: scope.by === 'request' ? 'asked for' : reasonOf(scope),
    };
  if (!trusted) {
    const reason = unsigned
      ? 'the cloud names a hash that nobody who is trusted vouches for'
      : noHashReason(request, answer);
    if (!answer?.error && !unsigned) {
      const detail = request.PhfUrl
        ? 'only a PHF, which proves nothing by itself'
        : 'nobody gave one';
      findings.add({ what: 'noHashOfHashes', detail });
    }
    return { ...plan, mode: 'Simple', reason };
  }
  if (wantsPeers && !usesPeers) {
    return { ...plan, mode: 'CdnOnly', reason: 'the cloud allows this content no peers' };
  }
  return { ...plan, mode: asked, reason: usesPeers ? peersReason(plan, scope) : reasonOf(scope) };
}

/** What can be done before the cloud has answered. */
export async function planWithoutCloud(
  request: DownloadRequest,
  { cacheHosts, scope }: PlanDefaults,
): Promise<ContentPlan> {
  const findings = new Findings();
  const { hosts, needProof } = await cacheHosts.find(request.CacheHosts, undefined);
  return {
    mode: 'Simple',
    reason: 'the cloud has not answered yet',
    trusted: undefined,
    phfUrls: [],
    phf: undefined,
    arrayUrl: undefined,
    mirrors: mirrorsOf(request, undefined),
    groupId: scope.groupId,
    plannedWith: scope.plannedWith,
    cacheHosts: usableHosts(needProof ? [] : hosts, request.Url, findings),
    cacheHostsNeedProof: false,
    cloud: undefined,
    policies: undefined,
    allow: undefined,
    findsLocally: false,
    findings,
  };
}

/** Why the mode is as it is, when peers may be used. */
export function peersReason(
  by: Pick<ContentPlan, 'cloud' | 'findsLocally'>,
  scope: PeerScope,
): string {
  if (by.cloud) return reasonOf(scope);
  return by.findsLocally
    ? `${reasonOf(scope)}; no cloud, so peers on the local network only`
    : 'no cloud to find peers with';
}

function reasonOf({ setBy }: PeerScope): string {
  return setBy === undefined ? 'as set' : `as set (${setBy})`;
}

/** Why what the cloud named as the hash does not count. @throws NotSigned: nothing else is wanted then */
async function signatureFaultOf(
  answer: CloudAnswer | undefined,
  cloud: CloudClient | undefined,
  { signatures }: PlanDefaults,
  findings: Findings,
  signal: AbortSignal,
): Promise<boolean> {
  const { policy } = answer ?? {};
  const detail = policy && (await signatures?.fault(policy, cloud, signal));
  if (detail === undefined) return false;
  const error = sluiceError('NotSigned', { detail });
  if (signatures?.isStrict) throw error;
  findings.add({ what: 'cloudFault', error, ruledOut: true });
  return true;
}

/** @throws ContentBlocked */
function allowedSources(
  answer: CloudAnswer | undefined,
  findings: Findings,
): AllowedSources | undefined {
  const { error, policy } = answer ?? {};
  if (error?.code === 'ContentBlocked') throw error;
  const isHttpOnly = error?.code === 'ContentHttpOnly';
  const allow = isHttpOnly ? { Http: true, P2P: false, Cache: false } : policy?.Allow;
  const rule = isHttpOnly ? 'a block' : (policy?.Rule ?? 'a rule');
  if (allow?.P2P === false) findings.add({ what: 'notAllowed', from: 'download', rule });
  if (allow?.Cache === false) findings.add({ what: 'notAllowed', from: 'cache', rule });
  if (allow?.Http === false) findings.add({ what: 'notAllowed', from: 'http', rule });
  return allow;
}

function trustedContent(
  request: DownloadRequest,
  policy: ContentPolicyReply | undefined,
  { trusted }: PlanDefaults,
  findings: Findings,
): TrustedContent | undefined {
  const given = request.HashOfHashes;
  if (given && policy && policy.HashOfHashes !== given) {
    findings.add({ what: 'otherHashOfHashes' });
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

/** A cache host that is none must not keep a download from going without. */
function usableHosts(hosts: string[], url: string, findings: Findings): string[] {
  return hosts.filter((host) => {
    try {
      cacheUrl(host, url);
      return true;
    } catch (error) {
      findings.add({ what: 'badCacheHost', error: toSluiceError(error) });
      return false;
    }
  });
}

function noHashReason(request: DownloadRequest, answer: CloudAnswer | undefined): string {
  if (request.PhfUrl) return 'a PHF without its HashOfHashes proves nothing: give --hash-of-hashes';
  return answer?.error?.message ?? 'no HashOfHashes: nothing to verify pieces with';
}
