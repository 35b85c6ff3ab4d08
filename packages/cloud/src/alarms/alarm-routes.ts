import { sluiceError } from '@sluice/protocol';
import type { FastifyInstance } from 'fastify';
import { requireRole } from '../admin/access/require-role.ts';
import { idParams } from '../http/param-schemas.ts';
import type { Alarms } from './alarms.ts';

/** Alarms of the admin API (ours); registered where the admin token is asked for. */
export function alarmRoutes(app: FastifyInstance, { alarms }: { alarms: Alarms }): void {
  app.get('/admin/alarms', { onRequest: requireRole('viewer') }, async () => ({
    Alarms: await alarms.list(),
    Next: null,
  }));

  app.delete<{ Params: { id: string } }>(
    '/admin/alarms/:id',
    { schema: { params: idParams }, onRequest: requireRole('operator') },
    async (request, reply) => {
      if (!(await alarms.settle(request.params.id))) throw sluiceError('NoSuchResource');
      return reply.code(204).send();
    },
  );
}
