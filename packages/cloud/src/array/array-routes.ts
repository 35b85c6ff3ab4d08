import type { JoinRequest, LeaveRequest } from '@sluice/protocol';
import { JoinRequestSchema, LeaveRequestSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import { type AnswerParts, JoinAnswers } from './join-answers.ts';
import { bodyReader } from './join-bodies.ts';
import { joinFace } from './join-face.ts';
import { JoinFront } from './join-front.ts';
import { joinPath } from './join-path.ts';
import { type JoinParts, Joins } from './joins.ts';

/** Array (wire.md §3.5): devices that have or want a content are told of each other. */
export function arrayRoutes(app: FastifyInstance, parts: JoinParts & AnswerParts): void {
  const joins = new Joins(parts);
  let front: JoinFront | undefined;
  app.post<{ Body: JoinRequest }>(
    joinPath,
    { schema: { body: JoinRequestSchema } },
    async (request): Promise<string> => joins.join(request.body, request.callerIp, request.device),
  );
  app.addHook('onReady', (done) => {
    const read = bodyReader(app);
    const answers = new JoinAnswers(joins, parts);
    joinFace(app, answers, read, parts);
    front = new JoinFront(app, answers, read, parts);
    done();
  });
  app.addHook('preClose', async () => front?.close());

  app.post<{ Body: LeaveRequest }>(
    '/array/leave/',
    { schema: { body: LeaveRequestSchema } },
    async (request) => {
      await joins.leave(request.body, request.callerIp, request.device);
      return {};
    },
  );
}
