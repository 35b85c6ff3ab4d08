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

/** The end of the turn comes when the test says so. */
function setUp() {
  const socket = new FakeSocket();
  let due: (() => void) | undefined;
  const outbox = new Outbox(socket, (fn) => () => {
    due = fn;
  });
  const endTurn = () => {
    const fn = due;
    due = undefined;
    fn?.();
  };
  return { socket, outbox, endTurn };
}

const bytes = (text: string) => Buffer.from(text);
const part = (text: string, last: boolean, header?: string) => ({
  header: header === undefined ? undefined : bytes(header),
  content: bytes(text),
  last,
});

describe('Outbox', () => {
  it('sends the messages of one turn together, at its end', () => {
    const { socket, outbox, endTurn } = setUp();
    const sent: boolean[] = [];
    outbox.send(bytes('have '), (ok) => sent.push(ok));
    outbox.send(bytes('claim'));
    assert.deepEqual([socket.written, outbox.unsent], [[], 10]);
    endTurn();
    assert.deepEqual([socket.written, outbox.unsent, sent], [['have claim'], 0, []]);
    socket.finish(true);
    assert.deepEqual(sent, [true]);
    endTurn();
    outbox.send(bytes('choke'));
    endTurn();
    assert.deepEqual(socket.written, ['have claim', 'choke']);
  });

  it('what nobody waits for goes out with the next message or flush, in order', () => {
    const { socket, outbox, endTurn } = setUp();
    outbox.sendLater(bytes('later '));
    endTurn();
    assert.deepEqual([socket.written, outbox.unsent], [[], 6]);
    outbox.send(bytes('now'));
    endTurn();
    outbox.sendLater(bytes('last'));
    outbox.flush();
    assert.deepEqual(socket.written, ['later now', 'last']);
  });

  it('a block takes along what was said before it, and tells of both', () => {
    const { socket, outbox, endTurn } = setUp();
    const told: string[] = [];
    outbox.send(bytes('have '), () => told.push('have'));
    outbox.sendPart(part('1', true, 'H'), () => told.push('block'));
    endTurn();
    assert.deepEqual(socket.written, ['have H1']);
    socket.finish(true);
    assert.deepEqual(told, ['have', 'block']);
  });

  it('never lets a message land inside a block', () => {
    const { socket, outbox, endTurn } = setUp();
    outbox.sendPart(part('1', false, 'H'), () => {});
    outbox.send(bytes('have'));
    endTurn();
    outbox.flush();
    outbox.sendPart(part('2', false), () => {});
    outbox.send(bytes('choke'));
    assert.equal(outbox.unsent, 9);
    outbox.sendPart(part('3', true), () => {});
    outbox.send(bytes('after'));
    endTurn();
    assert.deepEqual(socket.written, ['H1', '2', '3havechoke', 'after']);
    assert.equal(outbox.unsent, 0);
  });

  it('counts what the socket has not sent', () => {
    const { socket, outbox } = setUp();
    socket.unsent = 100;
    outbox.sendPart(part('1', false, 'H'), () => {});
    outbox.send(bytes('12345'));
    assert.equal(outbox.unsent, 105);
  });

  it('answers for what waited when the connection is over', () => {
    const { socket, outbox } = setUp();
    const outcomes: boolean[] = [];
    outbox.sendPart(part('1', false, 'H'), () => {});
    outbox.send(bytes('x'), (ok) => outcomes.push(ok));
    outbox.close();
    socket.finish(false);
    assert.deepEqual(outcomes, [false]);
  });
});
