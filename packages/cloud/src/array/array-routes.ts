import type { JoinReply, JoinRequest, LeaveRequest } from '@sluice/protocol';
import { JoinRequestSchema, LeaveRequestSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
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

interface ArrayParts {
  registry: SwarmRegistry;
  samples: JoinSamples;
  contentRules: ContentRules;
  identity: Identity;
  wallTime: () => number;
}

/** Array (wire.md §3.5): devices that have or want a content are told of each other. */
export function arrayRoutes(
  app: FastifyInstance,
  { registry, samples, contentRules, identity, wallTime }: ArrayParts,
): void {
  const noted = (request: JoinRequest, member: SwarmMember, device: DeviceCaller | undefined) => {
    const { ContentId } = request;
    if (!ContentId) return;
    const tenant = device?.tenant ?? defaultTenant;
    if (!hasPeers(member.scope)) samples.forget(tenant, ContentId, member.peerId);
    else samples.note(tenant, ContentId, sampleOf(request, member, wallTime()));
  };
  const leave = async (
    request: JoinRequest | LeaveRequest,
    peerId: string,
    ip: string,
    device: DeviceCaller | undefined,
  ) => {
    const left = await registry.leave(swarmOf(request, device), peerId, ip);
    if (!left || !request.ContentId) return;
    samples.forget(device?.tenant ?? defaultTenant, request.ContentId, peerId);
  };

  app.post<{ Body: JoinRequest }>(
    '/array/join/',
    { schema: { body: JoinRequestSchema } },
    async (request): Promise<JoinReply> => {
      const { device } = request;
      const member = memberOf(request.body, request.callerIp);
      if (device) {
        await identity.peerIds.claim(member.peerId, device.deviceId);
        // Whoever put it into its enrolment knows better than the device.
        member.groupKey = device.groupId ?? member.groupKey;
      }
      // Nobody hears of anybody any more who has what is blocked.
      const isBlocked = await contentRules.blockOf(() => askedOf(request.body));
      if (isBlocked || request.body.JoinRequestEvent === 'stopped') {
        await leave(request.body, member.peerId, member.externalIp, device);
        return emptyReply();
      }
      const swarmId = swarmOf(request.body, device);
      const reply = await registry.join(swarmId, member, peersWanted(request.body));
      noted(request.body, member, device);
      const keyId = device && identity.peerKeyId(device.tenant);
      return keyId === undefined ? reply : { ...reply, PeerKeyId: keyId };
    },
  );

  app.post<{ Body: LeaveRequest }>(
    '/array/leave/',
    { schema: { body: LeaveRequestSchema } },
    async (request) => {
      const { device } = request;
      const peerId = request.body.PeerId.toLowerCase();
      if (device) await identity.peerIds.claim(peerId, device.deviceId);
      await leave(request.body, peerId, request.callerIp, device);
      return {};
    },
  );
}

function askedOf({ ContentId, AltCatalogId }: JoinRequest) {
  return { contentId: ContentId, url: contentUrl(AltCatalogId ?? '') };
}

/** Devices of one tenant are in other swarms than those of another. */
function swarmOf(request: JoinRequest | LeaveRequest, device: DeviceCaller | undefined): string {
  const id = swarmIdOf(request);
  return device ? `tenant:${device.tenant}:${id}` : id;
}
