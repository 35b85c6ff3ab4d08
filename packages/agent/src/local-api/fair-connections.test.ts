import assert from 'node:assert/strict';
import { Socket } from 'node:net';
import { suite, test } from 'node:test';
import { FairConnections } from './fair-connections.ts';

function world(max: number) {
  const connections = new FairConnections(max);
  const open = (user?: string) => {
    const socket = new Socket();
    connections.add(socket);
    if (user !== undefined) connections.served(socket, user);
    return socket;
  };
  return { connections, open };
}

const alive = (sockets: readonly Socket[]) => sockets.map((socket) => !socket.destroyed);

suite('connections that users share', () => {
  test('one more always has room, at the cost of who holds the most', () => {
    const { open } = world(4);
    const bob = open('bob');
    const alice = [open('alice'), open('alice'), open('alice')];
    const carol = open('carol');
    assert.deepEqual(alive([bob, ...alice, carol]), [true, false, true, true, true]);
  });

  test('of one user’s the idlest goes', () => {
    const { connections, open } = world(3);
    const all = [open('alice'), open('alice'), open('alice')];
    connections.served(all[0]!, 'alice');
    open();
    assert.deepEqual(alive(all), [true, false, true]);
  });

  test('who has not said who it is takes nobody’s place who has', () => {
    const { open } = world(4);
    const bob = open('bob');
    const unknown = Array.from({ length: 10 }, () => open());
    assert.deepEqual(alive([bob, ...unknown.slice(-3)]), [true, true, true, true]);
    assert.ok(unknown.slice(0, 7).every((socket) => socket.destroyed));
  });

  test('what was closed counts no more', async () => {
    const { open } = world(2);
    const [first, second] = [open('bob'), open('bob')];
    const closed = new Promise((done) => second.on('close', done));
    second.destroy();
    await closed;
    open();
    assert.equal(first.destroyed, false);
  });
});
