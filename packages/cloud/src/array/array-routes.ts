import type { JoinRequest, LeaveRequest } from '@sluice/protocol';
import { JoinRequestSchema, LeaveRequestSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import type { AnswerParts } from './join-answers.ts';
import { joinFace } from './join-face.ts';
import { joinPath } from './join-path.ts';
import { type JoinParts, Joins } from './joins.ts';

/** Array (wire.md §3.5): devices that have or want a content are told of each other. */
export function arrayRoutes(app: FastifyInstance, parts: JoinParts & AnswerParts): void {
  const joins = new Joins(parts);
  app.post<{ Body: JoinRequest }>(
    joinPath,
    { schema: { body: JoinRequestSchema } },
    async (request): Promise<string> => joins.join(request.body, request.callerIp, request.device),
  );
  joinFace(app, joins, parts);

  app.post<{ Body: LeaveRequest }>(
    '/array/leave/',
    { schema: { body: LeaveRequestSchema } },
    async (request) => {
      await joins.leave(request.body, request.callerIp, request.device);
      return {};
    },
  );
}
