import type { JoinReply, JoinRequest, LeaveRequest } from '@sluice/protocol';
import { JoinRequestSchema, LeaveRequestSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { contentUrl } from '../catalogue/content-url.ts';
import type { ContentRules } from '../content-rules/content-rules.ts';
import { emptyReply } from '../registry/join-interval.ts';
import type { SwarmRegistry } from '../registry/swarm-registry.ts';
import { memberOf, peersWanted } from './member-of.ts';
import { swarmIdOf } from './swarm-id.ts';

/** Array (wire.md §3.5): devices that have or want a content are told of each other. */
export function arrayRoutes(
  app: FastifyInstance,
  { registry, contentRules }: { registry: SwarmRegistry; contentRules: ContentRules },
): void {
  app.post<{ Body: JoinRequest }>(
    '/array/join/',
    { schema: { body: JoinRequestSchema } },
    async (request): Promise<JoinReply> => {
      const swarmId = swarmIdOf(request.body);
      const member = memberOf(request.body, request.callerIp);
      // Nobody hears of anybody any more who has what is blocked.
      const isBlocked = await contentRules.blockOf(askedOf(request.body));
      if (isBlocked || request.body.JoinRequestEvent === 'stopped') {
        await registry.leave(swarmId, member.peerId, member.externalIp);
        return emptyReply();
      }
      return registry.join(swarmId, member, peersWanted(request.body));
    },
  );

  app.post<{ Body: LeaveRequest }>(
    '/array/leave/',
    { schema: { body: LeaveRequestSchema } },
    async (request) => {
      const peerId = request.body.PeerId.toLowerCase();
      await registry.leave(swarmIdOf(request.body), peerId, request.callerIp);
      return {};
    },
  );
}

function askedOf({ ContentId, AltCatalogId }: JoinRequest) {
  return { contentId: ContentId, url: contentUrl(AltCatalogId ?? '') };
}
