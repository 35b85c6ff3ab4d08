import type { RolloutsDocument } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { requireRole } from '../admin/access/require-role.ts';
import { deviceIdQuery } from './device-id.ts';
import type { Rollouts } from './rollouts.ts';

const body = {
  type: 'object',
  required: ['Rollouts'],
  additionalProperties: false,
  properties: { Rollouts: { type: 'array', maxItems: 50 } },
};

/** Rollouts in the admin API (ours); registered where the admin token is asked for. */
export function rolloutRoutes(app: FastifyInstance, { rollouts }: { rollouts: Rollouts }): void {
  app.get('/admin/rollouts', { onRequest: requireRole('viewer') }, () => rollouts.view());

  app.put<{ Body: RolloutsDocument }>(
    '/admin/rollouts',
    { schema: { body }, bodyLimit: 1024 ** 2, onRequest: requireRole('operator') },
    async (request) => {
      await rollouts.set(request.body.Rollouts);
      request.log.info({ rollouts: request.body.Rollouts.length }, 'rollouts changed');
      return rollouts.view();
    },
  );

  const querystring = {
    type: 'object',
    required: ['device'],
    properties: { device: deviceIdQuery },
  };
  app.get<{ Querystring: { device: string } }>(
    '/admin/settings/effective',
    { schema: { querystring }, onRequest: requireRole('viewer') },
    (request) => rollouts.effective(request.query.device.toLowerCase()),
  );
}
