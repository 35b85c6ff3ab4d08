import { type EventBatch, maxBatchBytes } from '@sluice/protocol';
import { EventBatchSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Identity } from '../identity/identity.ts';
import type { RequestCounts } from '../metrics/request-counts.ts';
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
  parts: {
    events: EventStore;
    eventDays: number;
    identity: Pick<Identity, 'peerIds'>;
    wallTime: () => number;
    counts: Pick<RequestCounts, 'acceptedEvents'>;
  },
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
      const sender = await senderOf(request, request.body, parts.identity);
      reply.code(202);
      const answer = await queue.take({ batch: request.body, sender });
      parts.counts.acceptedEvents += answer.Accepted;
      return answer;
    },
  );
}

/**
 * Whose session it is, under whatever PeerId of its own it tells; without sessions, who it says it is.
 * @throws PeerIdTaken: the batch says that it is another device's
 */
async function senderOf(
  { device, callerIp }: FastifyRequest,
  { DeviceId }: EventBatch,
  { peerIds }: Pick<Identity, 'peerIds'>,
): Promise<Sender> {
  if (!device) return { tenant: 'default', deviceId: DeviceId, site: callerIp };
  const { deviceId, tenant } = device;
  if (DeviceId !== deviceId) await peerIds.claim(DeviceId.toLowerCase(), deviceId);
  return { tenant, deviceId, site: callerIp };
}
