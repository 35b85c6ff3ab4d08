import type { KeySet } from '@sluice/protocol';
import { KeySetSchema } from '@sluice/protocol/schemas';
import type { FastifyInstance } from 'fastify';
import type { SigningKeys } from './signing-keys.ts';

interface Parts {
  signingKeys: SigningKeys;
}

/** `GET /content-policy/keys` (ours): for devices, which trust what follows from the set that they were given. */
export function keySetRoutes(app: FastifyInstance, { signingKeys }: Parts): void {
  app.get('/content-policy/keys', () => signingKeys.all());
}

/** Keys in the admin API (ours); registered where the admin token is asked for. */
export function signingKeyRoutes(app: FastifyInstance, { signingKeys }: Parts): void {
  app.post<{ Body: KeySet }>(
    '/admin/signing-keys',
    { schema: { body: KeySetSchema } },
    async (request, reply) => {
      await signingKeys.add(request.body);
      request.log.warn({ version: request.body.Version }, 'signing keys changed');
      return reply.code(201).send({});
    },
  );
}
