import type { Socket } from 'node:net';

/** Of all users together. */
const maxConnections = 500;

/**
 * Bounds the connections to a socket that all users share, so that none of them keeps the others out: there is
 * always room for one more, and the idlest of whoever holds the most makes it. Who has not said yet who it is
 * counts as nobody; all those together count as one user.
 */
export class FairConnections {
  readonly #max: number;
  /** Whose each is; who was served last comes last. */
  readonly #users = new Map<Socket, string>();

  constructor(max = maxConnections) {
    this.#max = max;
  }

  add(socket: Socket): void {
    if (this.#users.size >= this.#max) this.#makeRoom();
    this.#users.set(socket, '');
    socket.on('close', () => this.#users.delete(socket));
  }

  /** @param user who asks, once that is known. */
  served(socket: Socket, user = ''): void {
    if (this.#users.delete(socket)) this.#users.set(socket, user);
  }

  #makeRoom(): void {
    const held = new Map<string, number>();
    for (const user of this.#users.values()) held.set(user, (held.get(user) ?? 0) + 1);
    const most = Math.max(...held.values());
    const idlest = this.#users.entries().find(([, user]) => held.get(user) === most)?.[0];
    if (!idlest) return;
    this.#users.delete(idlest);
    idlest.destroy();
  }
}
