import type { JoinReply, JoinRequest, LeaveRequest } from '@sluice/protocol';
import { JoinRequestSchema, LeaveRequestSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { defaultTenant } from '../admin/access/caller.ts';
import { contentUrl } from '../catalogue/content-url.ts';
import type { ContentRules } from '../content-rules/content-rules.ts';
import { emptyReply } from '../registry/join-interval.ts';
import { hasPeers } from '../registry/swarm.ts';
import type { SwarmMember, SwarmRegistry } from '../registry/swarm-registry.ts';
import { type JoinSamples, sampleOf } from '../swarm-view/join-samples.ts';
import { memberOf, peersWanted } from './member-of.ts';
import { swarmIdOf } from './swarm-id.ts';

/** Array (wire.md §3.5): devices that have or want a content are told of each other. */
export function arrayRoutes(
  app: FastifyInstance,
  {
    registry,
    samples,
    contentRules,
    wallTime,
  }: {
    registry: SwarmRegistry;
    samples: JoinSamples;
    contentRules: ContentRules;
    wallTime: () => number;
  },
): void {
  const noted = (request: JoinRequest, member: SwarmMember) => {
    const { ContentId } = request;
    if (!ContentId) return;
    if (!hasPeers(member.scope)) samples.forget(defaultTenant, ContentId, member.peerId);
    else samples.note(defaultTenant, ContentId, sampleOf(request, member, wallTime()));
  };
  const leave = async (request: LeaveRequest, peerId: string, ip: string) => {
    const left = await registry.leave(swarmIdOf(request), peerId, ip);
    if (left && request.ContentId) samples.forget(defaultTenant, request.ContentId, peerId);
  };

  app.post<{ Body: JoinRequest }>(
    '/array/join/',
    { schema: { body: JoinRequestSchema } },
    async (request): Promise<JoinReply> => {
      const member = memberOf(request.body, request.callerIp);
      // Nobody hears of anybody any more who has what is blocked.
      const isBlocked = await contentRules.blockOf(askedOf(request.body));
      if (isBlocked || request.body.JoinRequestEvent === 'stopped') {
        await leave(request.body, member.peerId, member.externalIp);
        return emptyReply();
      }
      const swarmId = swarmIdOf(request.body);
      const reply = await registry.join(swarmId, member, peersWanted(request.body));
      noted(request.body, member);
      return reply;
    },
  );

  app.post<{ Body: LeaveRequest }>(
    '/array/leave/',
    { schema: { body: LeaveRequestSchema } },
    async (request) => {
      await leave(request.body, request.body.PeerId.toLowerCase(), request.callerIp);
      return {};
    },
  );
}

function askedOf({ ContentId, AltCatalogId }: JoinRequest) {
  return { contentId: ContentId, url: contentUrl(AltCatalogId ?? '') };
}
