import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { type JoinReply, type JoinRequest, ManualClock, sluiceError } from '@sluice/protocol';
import { ArrayMembership, type MembershipOptions } from './array-membership.ts';

const reply: JoinReply = {
  Peers: [{ PeerId: '2'.repeat(40), Ip: '192.0.2.7', Port: 7680, Type: 'LAN', Left: 0 }],
  NextJoinTimeIntervalInMs: 30_000,
  KeepAliveMs: 60_000,
};
/** Lets everything run that waits for nothing but its turn. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A membership in an array that does what `join` says. */
function world(join: MembershipOptions['cloud']['join'] = async () => reply, arrayUrl?: string) {
  const clock = new ManualClock();
  const calls: string[] = [];
  const joins: JoinRequest[] = [];
  const peers: number[] = [];
  const faults: unknown[] = [];
  const cloud: MembershipOptions['cloud'] = {
    arrayUrl: async () => {
      calls.push('discover');
      return 'http://array/';
    },
    join: (url, body, signal) => {
      calls.push('join');
      joins.push(body);
      return join(url, body, signal);
    },
    leave: async (_url, { PeerId }) => {
      calls.push(`leave ${PeerId[0]}`);
    },
  };
  let left = 5;
  const listed = { may: true };
  const membership = new ArrayMembership({
    cloud,
    content: { url: 'http://source/f' },
    arrayUrl,
    clock,
    mayJoin: async () => listed.may,
    describe: () => ({ PeerId: '1'.repeat(40), ContentId: 'c', Left: String(left--) }),
    onPeers: (named) => peers.push(named.length),
    onFault: (error) => faults.push(error),
  });
  return { clock, calls, joins, peers, faults, cloud, membership, listed };
}

suite('a place in the array', () => {
  test('is taken where the cloud has said that it is; discovery is asked when nobody answers there', async () => {
    const asked: string[] = [];
    const w = world(async (url) => {
      asked.push(url);
      if (url === 'http://gone/')
        throw sluiceError('ServiceUnreachable', { service: 'array', detail: '' });
      return reply;
    }, 'http://gone/');
    w.membership.start();
    await settle();
    assert.deepEqual([asked, w.calls], [['http://gone/'], ['join']]);
    w.clock.advance(2_000);
    await settle();
    assert.deepEqual(asked, ['http://gone/', 'http://array/']);
    await w.membership.stop();
  });

  test('is given up while it may not be had, and taken again at the next occasion', async () => {
    const w = world();
    w.listed.may = false;
    w.membership.start();
    await settle();
    assert.deepEqual(w.calls, [], 'never listed: nothing to give up');
    w.listed.may = true;
    w.clock.advance(300_000);
    await settle();
    assert.deepEqual(w.calls.splice(0), ['discover', 'join']);
    w.listed.may = false;
    w.membership.rejoinNow();
    await settle();
    assert.deepEqual(w.calls.splice(0), ['leave 1']);
    w.clock.advance(30_000);
    await settle();
    assert.deepEqual(w.calls, [], 'given up once');
    w.listed.may = true;
    w.membership.rejoinNow();
    await settle();
    assert.deepEqual(w.calls.splice(0), ['join']);
    await w.membership.stop();
    assert.deepEqual(w.calls, ['leave 1']);
    assert.equal(w.faults.length, 0);
  });

  test('is renewed at the interval that the array names, each time described anew', async () => {
    const w = world();
    w.membership.start();
    w.membership.start();
    await settle();
    assert.deepEqual([w.calls, w.peers], [['discover', 'join'], [1]]);
    w.clock.advance(29_999);
    await settle();
    assert.equal(w.joins.length, 1);
    w.clock.advance(1);
    await settle();
    assert.deepEqual(
      w.joins.map((j) => j.Left),
      ['5', '4'],
    );
    await w.membership.stop();
    assert.deepEqual(w.calls, ['discover', 'join', 'join', 'leave 1']);
    assert.equal(w.clock.pending, 0);
  });

  test('moves when discovery names another array, and stays when discovery is away', async () => {
    const w = world(async () => ({ ...reply, NextJoinTimeIntervalInMs: 600_000 }));
    const urls: (string | undefined)[] = ['http://a/', undefined, 'http://b/'];
    w.cloud.arrayUrl = async () => {
      const url = urls.shift();
      if (url === undefined) throw sluiceError('ServiceUnreachable');
      return url;
    };
    w.membership.start();
    await settle();
    assert.deepEqual(w.calls.splice(0), ['join']);
    w.clock.advance(600_000);
    await settle();
    assert.deepEqual([w.calls.splice(0), w.faults], [['join'], []]);
    w.clock.advance(600_000);
    await settle();
    assert.deepEqual(w.calls.splice(0), ['leave 1', 'join']);
    await w.membership.stop();
  });

  test('is renewed at once when something changed, also while a join is under way', async () => {
    const answers: PromiseWithResolvers<JoinReply>[] = [];
    const w = world(() => {
      answers.push(Promise.withResolvers());
      return answers.at(-1)!.promise;
    });
    w.membership.start();
    await settle();
    w.membership.rejoinNow();
    w.membership.rejoinNow();
    answers[0]!.resolve(reply);
    await settle();
    assert.equal(w.joins.length, 2, 'the first told what is no longer so');
    answers[1]!.resolve(reply);
    await settle();
    assert.equal(w.joins.length, 2);
    w.membership.rejoinNow();
    await settle();
    assert.equal(w.joins.length, 3);
    answers[2]!.resolve(reply);
    await w.membership.stop();
  });

  test('is sought again, at another array perhaps, ever more slowly while that fails', async () => {
    const w = world(async () => {
      throw sluiceError('ServiceUnreachable', { service: 'array', url: 'x', detail: 'down' });
    });
    w.membership.start();
    await settle();
    const waits: number[] = [];
    for (let i = 0; i < 7; i++) {
      const before = w.joins.length;
      let waited = 0;
      while (w.joins.length === before) {
        w.clock.advance(1_000);
        waited += 1_000;
        await settle();
      }
      waits.push(waited);
    }
    assert.deepEqual(waits, [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    assert.equal(w.calls.filter((c) => c === 'discover').length, 8);
    assert.equal(w.faults.length, 8);
    await w.membership.stop();
  });

  test('an array that never answers is given up after five seconds', async () => {
    const w = world(
      (_url, _body, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    w.membership.start();
    await settle();
    w.clock.advance(5_000);
    await settle();
    assert.equal((w.faults[0] as Error).name, 'TimeoutError');
    await w.membership.stop();
  });

  test('stopping ends a join under way, and leaves where it may be listed', async () => {
    const w = world(
      (_url, _body, signal) =>
        new Promise((_, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    w.membership.start();
    await settle();
    await Promise.all([w.membership.stop(), w.membership.stop()]);
    assert.deepEqual(w.calls, ['discover', 'join', 'leave 1']);
    assert.deepEqual([w.faults, w.clock.pending], [[], 0]);
  });

  test('stopping before it began asks nobody anything', async () => {
    const w = world();
    await w.membership.stop();
    assert.deepEqual(w.calls, []);
  });

  test('an array that cannot be reached any more does not keep it from stopping', async () => {
    const w = world();
    w.cloud.leave = (_url, _body, signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason));
      });
    w.membership.start();
    await settle();
    const stopped = w.membership.stop();
    await settle();
    w.clock.advance(1_000);
    await stopped;
    assert.equal(w.clock.pending, 0);
  });
});
