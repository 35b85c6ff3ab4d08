import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FlowNetwork } from './flow-network.ts';

const none = Number.POSITIVE_INFINITY;

test('a flow ends when its bytes have moved, and its share goes to the others', () => {
  const network = new FlowNetwork();
  const pipe = network.pipe(1_000);
  const ended: string[] = [];
  const owner = (name: string) => ({
    flowDone: () => {
      ended.push(name);
      return false;
    },
  });
  network.start(owner('short'), [pipe], 500, none);
  const long = network.start(owner('long'), [pipe], 1_000, none);
  assert.equal(network.nextEndIn(), 1_000);
  network.advance(1_000);
  assert.deepEqual(ended, ['short']);
  assert.equal(network.moved(long), 500);
  assert.equal(network.nextEndIn(), 500, 'alone it gets all of the pipe');
});

test('a renewed flow loses nothing to a step that is longer than it needed', () => {
  const network = new FlowNetwork();
  const pipe = network.pipe(1_000);
  let done = 0;
  const owner = {
    flowDone: (flow: number, spare: number) => {
      done++;
      network.renew(flow, 100, spare);
      return true;
    },
  };
  network.start(owner, [pipe], 100, none);
  network.nextEndIn();
  // 100 bytes take 100 ms: in 1,050 ms ten are through and the next is half-way.
  network.advance(1_050);
  assert.equal(done, 10);
  assert.ok(Math.abs(network.nextEndIn() - 50) < 1e-6);
});

test('a stopped flow tells what has moved, and its number is used again without harm', () => {
  const network = new FlowNetwork();
  const pipe = network.pipe(1_000);
  const owner = { flowDone: () => false };
  const flow = network.start(owner, [pipe], 1_000, none);
  network.nextEndIn();
  network.advance(250);
  assert.equal(network.stop(flow), 250);
  assert.equal(network.start(owner, [pipe], 100, none), flow);
  assert.equal(network.nextEndIn(), 100);
  assert.equal(network.flowCount, 1);
});

test('a shortened flow ends sooner', () => {
  const network = new FlowNetwork();
  const flow = network.start({ flowDone: () => false }, [network.pipe(1_000)], 1_000, none);
  network.nextEndIn();
  network.advance(100);
  network.shorten(flow, 50);
  assert.equal(network.nextEndIn(), 50);
  network.advance(50);
  assert.equal(network.flowCount, 0);
});

test('more pipes and flows than there was room for at first', () => {
  const network = new FlowNetwork();
  let done = 0;
  const owner = {
    flowDone: () => {
      done++;
      return false;
    },
  };
  for (let k = 0; k < 300; k++) network.start(owner, [network.pipe(1_000)], 100, none);
  assert.equal(network.nextEndIn(), 100);
  network.advance(100);
  assert.equal(done, 300);
});
