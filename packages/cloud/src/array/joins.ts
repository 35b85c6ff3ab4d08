import type { JoinRequest, LeaveRequest } from '@sluice/protocol';
import { defaultTenant } from '../admin/access/caller.ts';
import { contentUrl } from '../catalogue/content-url.ts';
import type { ContentRules } from '../content-rules/content-rules.ts';
import type { Identity } from '../identity/identity.ts';
import type { DeviceCaller } from '../identity/session-tokens.ts';
import { emptyAnswer } from '../registry/join-answer.ts';
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

  /**
   * @returns a `JoinReply` as JSON, ASCII; no promise where nothing is waited for: most of the work of a cloud comes by here
   * @throws (or rejects) RequestInvalid, PeerIdTaken, StoreUnavailable
   */
  join(
    request: JoinRequest,
    callerIp: string,
    device: DeviceCaller | undefined,
  ): string | Promise<string> {
    const { contentRules, identity } = this.#parts;
    const member = memberOf(request, callerIp);
    // Whoever put it into its enrolment knows better than the device.
    member.groupKey = device?.groupId ?? member.groupKey;
    const claimed = device && identity.peerIds.claim(member.peerId, device.deviceId);
    return after(claimed, () =>
      after(
        contentRules.blockOf(() => askedOf(request)),
        (block) =>
          // Nobody hears of anybody any more who has what is blocked.
          block || request.JoinRequestEvent === 'stopped'
            ? this.#stopped(request, member, device)
            : this.#joined(request, member, device),
      ),
    );
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

  #joined(request: JoinRequest, member: SwarmMember, device: DeviceCaller | undefined) {
    const { registry, identity } = this.#parts;
    const joined = registry.join(swarmOf(request, device), member, peersWanted(request));
    return after(joined, (answer) => {
      this.#note(request, member, device);
      return answer.withKey(device && identity.peerKeyId(device.tenant));
    });
  }

  async #stopped(request: JoinRequest, member: SwarmMember, device: DeviceCaller | undefined) {
    await this.#leave(request, member.peerId, member.externalIp, device);
    return emptyAnswer().text;
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
    else {
      const said = () => sampleOf(request, member, wallTime());
      samples.note(tenant, ContentId, member.peerId, said);
    }
  }
}

function after<T, R>(value: T | Promise<T>, next: (value: T) => R | Promise<R>): R | Promise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}

function askedOf({ ContentId, AltCatalogId }: JoinRequest) {
  return { contentId: ContentId, url: contentUrl(AltCatalogId ?? '') };
}

/** Devices of one tenant are in other swarms than those of another. */
function swarmOf(request: JoinRequest | LeaveRequest, device: DeviceCaller | undefined): string {
  const id = swarmIdOf(request);
  return device ? `tenant:${device.tenant}:${id}` : id;
}
