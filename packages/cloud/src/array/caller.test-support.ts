import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import type { TestContext } from 'node:test';
import { JoinAnswer } from '../registry/join-answer.ts';
import type { SwarmRegistry } from '../registry/swarm-registry.ts';

export const joinText = (more: object = {}) =>
  request('POST', '/array/join/', {
    ...{ ContentId: 'c', PeerId: '1'.padStart(40, '0'), Left: '1' },
    ...more,
  });
export const health = request('GET', '/health');
/** Peers of an answer that is more than sockets hold. */
export const muchText = ' '.repeat(16e6);

export function request(method: string, path: string, body?: object, more = ''): string {
  const sent = body ? JSON.stringify(body) : '';
  const about = `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(sent)}\r\n`;
  return `${method} ${path} HTTP/1.1\r\nHost: h\r\n${body ? about : ''}${more}\r\n${sent}`;
}

/** A connection, and what comes back by it. */
export class Caller {
  readonly socket: Socket;
  #received = '';

  constructor(t: TestContext, url: string) {
    this.socket = connect(Number(new URL(url).port), '127.0.0.1').setNoDelay(true);
    this.socket
      .on('error', () => {})
      .on('data', (data) => (this.#received += data.toString('latin1')));
    t.after(() => this.socket.destroy());
  }

  /** The next `count` answers. */
  async answers(count: number): Promise<{ status: string; isOfFront: boolean; body: string }[]> {
    const found = [];
    while (found.length < count) {
      const whole = /^(HTTP.*?\r\n\r\n)/s.exec(this.#received)?.[1];
      const length = Number(/content-length: (\d+)/i.exec(whole ?? '')?.[1]);
      if (whole === undefined || this.#received.length < whole.length + length) {
        await once(this.socket, 'data');
        continue;
      }
      const body = this.#received.slice(whole.length, whole.length + length);
      this.#received = this.#received.slice(whole.length + length);
      // Node writes it with a capital.
      found.push({ status: whole.slice(9, 12), isOfFront: whole.includes('\r\ndate: '), body });
    }
    assert.equal(this.#received, '');
    return found;
  }

  async ask(asked: string) {
    this.socket.write(asked);
    return (await this.answers(1))[0]!;
  }
}

/** Answers when it is told to. */
export class SlowRegistry implements SwarmRegistry {
  readonly waiting: ((answer: JoinAnswer) => void)[] = [];
  #asked = () => {};

  join(): Promise<JoinAnswer> {
    this.#asked();
    return new Promise((resolve) => this.waiting.push(resolve));
  }

  asked(): Promise<void> {
    return new Promise((resolve) => (this.#asked = resolve));
  }

  /** Sends a join, and waits until it has come here. */
  async askedBy({ socket }: Caller, text = joinText()): Promise<void> {
    const asked = this.asked();
    socket.write(text);
    await asked;
  }

  answer(peers = ''): void {
    this.waiting.shift()!(new JoinAnswer(peers, 5_000));
  }

  leave = async () => false;
  stats = async () => ({ swarms: 0, peers: 0 });
}
