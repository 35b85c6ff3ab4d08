import { type EventBatch, maxBatchBytes, sluiceError } from '@sluice/protocol';
import { EventBatchSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { EventStore } from './event-store.ts';
import { dayMs, type Sender } from './facts.ts';
import { inflated } from './inflated.ts';
import { IngestQueue } from './ingest-queue.ts';

/** How far a device's clock may be ahead, ms. */
const aheadMs = dayMs;

/**
 * `POST /events` (ours): what devices tell of themselves, as JSON, gzip or plain. 202 when it is safe: until then
 * the device keeps it, and may send it again to any cloud of the same database.
 */
export function eventRoutes(
  app: FastifyInstance,
  parts: { events: EventStore; eventDays: number; wallTime: () => number },
): void {
  const { events, eventDays, wallTime } = parts;
  const queue = new IngestQueue((given) => {
    const now = wallTime();
    // Whole days: what retention deletes is not let in again.
    const from = (Math.floor(now / dayMs) - eventDays + 1) * dayMs;
    return events.ingest(given, { from, to: now + aheadMs });
  });
  app.addHook('onClose', () => queue.idle());
  app.post<{ Body: EventBatch }>(
    '/events',
    { schema: { body: EventBatchSchema }, bodyLimit: maxBatchBytes, preParsing: inflated },
    async (request, reply) => {
      const sender = senderOf(request, request.body);
      reply.code(202);
      return queue.take({ batch: request.body, sender });
    },
  );
}

/** @throws DeviceNotYours: the batch says that it is another device's */
function senderOf(request: FastifyRequest, { DeviceId }: EventBatch): Sender {
  const { device } = request;
  if (device && device.deviceId !== DeviceId) throw sluiceError('DeviceNotYours');
  return { tenant: device?.tenant ?? 'default', deviceId: DeviceId, site: request.callerIp };
}
