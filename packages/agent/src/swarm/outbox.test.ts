import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Outbox } from './outbox.ts';

/** What is written, in order; `done` is called when the test says so. */
class FakeSocket {
  readonly written: string[] = [];
  readonly #done: ((sent: boolean) => void)[] = [];
  unsent = 0;
  write(parts: Uint8Array[], done?: (sent: boolean) => void): void {
    this.written.push(parts.map((part) => Buffer.from(part).toString()).join(''));
    if (done) this.#done.push(done);
  }
  finish(sent: boolean): void {
    for (const done of this.#done.splice(0)) done(sent);
  }
}

const bytes = (text: string) => Buffer.from(text);
const part = (text: string, last: boolean, header?: string) => ({
  header: header === undefined ? undefined : bytes(header),
  content: bytes(text),
  last,
});

describe('Outbox', () => {
  it('sends messages at once', () => {
    const socket = new FakeSocket();
    const outbox = new Outbox(socket);
    let sent: boolean | undefined;
    outbox.send(bytes('have'), (ok) => {
      sent = ok;
    });
    assert.deepEqual(socket.written, ['have']);
    socket.finish(true);
    assert.equal(sent, true);
  });

  it('never lets a message land inside a block', () => {
    const socket = new FakeSocket();
    const outbox = new Outbox(socket);
    outbox.sendPart(part('1', false, 'H'), () => {});
    outbox.send(bytes('have'));
    outbox.sendPart(part('2', false), () => {});
    outbox.send(bytes('choke'));
    assert.equal(outbox.unsent, 9);
    outbox.sendPart(part('3', true), () => {});
    outbox.send(bytes('after'));
    assert.deepEqual(socket.written, ['H1', '2', '3', 'have', 'choke', 'after']);
    assert.equal(outbox.unsent, 0);
  });

  it('counts what the socket has not sent', () => {
    const socket = new FakeSocket();
    const outbox = new Outbox(socket);
    socket.unsent = 100;
    outbox.sendPart(part('1', false, 'H'), () => {});
    outbox.send(bytes('12345'));
    assert.equal(outbox.unsent, 105);
  });

  it('answers for what waited when the connection is over', () => {
    const socket = new FakeSocket();
    const outbox = new Outbox(socket);
    const outcomes: boolean[] = [];
    outbox.sendPart(part('1', false, 'H'), () => {});
    outbox.send(bytes('x'), (ok) => outcomes.push(ok));
    outbox.close();
    socket.finish(false);
    assert.deepEqual(outcomes, [false]);
  });
});
