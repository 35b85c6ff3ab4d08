import type { FastifyInstance } from 'fastify';

/** Whether a cloud is about to stop: then nobody should send it new work. */
export class Drain {
  #on = false;

  get on(): boolean {
    return this.#on;
  }

  begin(): void {
    this.#on = true;
  }
}

/** Has connections end after the answer they are at once `drain` has begun, so that callers dial again, elsewhere. */
export function closeWhenDraining(app: FastifyInstance, drain: Drain): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (drain.on) reply.header('connection', 'close');
    done(null, payload);
  });
}
