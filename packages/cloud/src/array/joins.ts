import type { JoinReply, JoinRequest, LeaveRequest } from '@sluice/protocol';
import { defaultTenant } from '../admin/access/caller.ts';
import { contentUrl } from '../catalogue/content-url.ts';
import type { ContentRules } from '../content-rules/content-rules.ts';
import type { Identity } from '../identity/identity.ts';
import type { DeviceCaller } from '../identity/session-tokens.ts';
import { emptyReply } from '../registry/join-interval.ts';
import { hasPeers } from '../registry/swarm.ts';
import type { SwarmMember, SwarmRegistry } from '../registry/swarm-registry.ts';
import { type JoinSamples, sampleOf } from '../swarm-view/join-samples.ts';
import { memberOf, peersWanted } from './member-of.ts';
import { swarmIdOf } from './swarm-id.ts';

export interface JoinParts {
  registry: SwarmRegistry;
  samples: JoinSamples;
  contentRules: ContentRules;
  identity: Identity;
  wallTime: () => number;
}

/** What joins and leaves come to, by whichever face they came. Requests have passed their schema. */
export class Joins {
  readonly #parts: JoinParts;

  constructor(parts: JoinParts) {
    this.#parts = parts;
  }

  /** @throws RequestInvalid, PeerIdTaken, StoreUnavailable */
  async join(
    request: JoinRequest,
    callerIp: string,
    device: DeviceCaller | undefined,
  ): Promise<JoinReply> {
    const { registry, contentRules, identity } = this.#parts;
    const member = memberOf(request, callerIp);
    if (device) {
      await identity.peerIds.claim(member.peerId, device.deviceId);
      // Whoever put it into its enrolment knows better than the device.
      member.groupKey = device.groupId ?? member.groupKey;
    }
    // Nobody hears of anybody any more who has what is blocked.
    const block = contentRules.blockOf(() => askedOf(request));
    const isBlocked = (block instanceof Promise ? await block : block) !== undefined;
    if (isBlocked || request.JoinRequestEvent === 'stopped') {
      await this.#leave(request, member.peerId, member.externalIp, device);
      return emptyReply();
    }
    const reply = await registry.join(swarmOf(request, device), member, peersWanted(request));
    this.#note(request, member, device);
    const keyId = device && identity.peerKeyId(device.tenant);
    return keyId === undefined ? reply : { ...reply, PeerKeyId: keyId };
  }

  /** @throws RequestInvalid, PeerIdTaken, StoreUnavailable */
  async leave(
    request: LeaveRequest,
    callerIp: string,
    device: DeviceCaller | undefined,
  ): Promise<void> {
    const peerId = request.PeerId.toLowerCase();
    if (device) await this.#parts.identity.peerIds.claim(peerId, device.deviceId);
    await this.#leave(request, peerId, callerIp, device);
  }

  async #leave(
    request: JoinRequest | LeaveRequest,
    peerId: string,
    ip: string,
    device: DeviceCaller | undefined,
  ): Promise<void> {
    const { registry, samples } = this.#parts;
    const left = await registry.leave(swarmOf(request, device), peerId, ip);
    if (!left || !request.ContentId) return;
    samples.forget(device?.tenant ?? defaultTenant, request.ContentId, peerId);
  }

  #note(request: JoinRequest, member: SwarmMember, device: DeviceCaller | undefined): void {
    const { ContentId } = request;
    if (!ContentId) return;
    const { samples, wallTime } = this.#parts;
    const tenant = device?.tenant ?? defaultTenant;
    if (!hasPeers(member.scope)) samples.forget(tenant, ContentId, member.peerId);
    else samples.note(tenant, ContentId, sampleOf(request, member, wallTime()));
  }
}

function askedOf({ ContentId, AltCatalogId }: JoinRequest) {
  return { contentId: ContentId, url: contentUrl(AltCatalogId ?? '') };
}

/** Devices of one tenant are in other swarms than those of another. */
function swarmOf(request: JoinRequest | LeaveRequest, device: DeviceCaller | undefined): string {
  const id = swarmIdOf(request);
  return device ? `tenant:${device.tenant}:${id}` : id;
}
