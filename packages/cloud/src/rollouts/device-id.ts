import type { FastifyRequest } from 'fastify';

/** What a device calls itself: a PeerId, or the id that it was enrolled with. */
export const deviceIdQuery = { type: 'string', pattern: '^[0-9A-Za-z-]{1,64}$' };

const form = new RegExp(deviceIdQuery.pattern);

/**
 * Who asks for settings: as it was enrolled, else by its own word, which matters to itself only. Undefined when it
 * does not say.
 */
export function deviceIdOf(request: FastifyRequest): string | undefined {
  if (request.device) return request.device.deviceId;
  const { deviceId } = request.query as { deviceId?: unknown };
  return typeof deviceId === 'string' && form.test(deviceId) ? deviceId.toLowerCase() : undefined;
}
