import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import fc from 'fast-check';
import type { Action } from './events.ts';
import { OwnShare } from './own-share.ts';
import { PieceTable } from './piece-table.ts';
import { Responsibility, self } from './responsibility.ts';
import { peerId } from './world.test-kit.ts';

const pieces = 300;

/** One of `count` devices of a site: `k` among the others is their device k. */
function device(me: number, count: number) {
  const responsibility = new Responsibility(pieces, 99, peerId(me));
  for (let k = 0; k < count; k++) if (k !== me) responsibility.add(k, peerId(k));
  const table = new PieceTable(new PieceMap(pieces), responsibility);
  const told: number[] = [];
  const share = new OwnShare(table, (a: Action) => {
    if (a.type === 'handicap') told.push(a.handicap);
  });
  let now = 0;
  const look = (own: number, others: number[], times = 2) => {
    for (let i = 0; i < times; i++) {
      now += 2_000;
      share.look(
        now,
        () => own,
        () => others,
      );
    }
  };
  return { table, responsibility, share, told, look };
}

const ownCount = ({ table }: { table: PieceTable }) => table.own.count;

test('a device that is a fifth as fast takes a quarter of a share, at once, and tells', () => {
  const d = device(0, 4);
  const before = ownCount(d);
  d.look(100, [500, 400, 90]);
  assert.deepEqual(d.told, [2]);
  assert.ok(ownCount(d) < before / 2, `${ownCount(d)} of ${before}`);
});

test('a larger share holds when all know it, and only the one told last', () => {
  const d = device(0, 4);
  d.look(100, [800]);
  const small = ownCount(d);
  d.look(400, [800]);
  d.look(800, [800]);
  assert.deepEqual([d.told, ownCount(d)], [[3, 1, 0], small]);
  d.share.known(1);
  assert.equal(ownCount(d), small);
  d.share.known(0);
  assert.ok(ownCount(d) > 2 * small);
});

test('a share between the one that holds and a larger one that was told holds when all know it', () => {
  const d = device(0, 4);
  d.look(100, [800]);
  const small = ownCount(d);
  d.look(100, [100]);
  d.look(100, [200]);
  // Somebody may still count on an eighth.
  assert.deepEqual([d.told, ownCount(d)], [[3, 0, 1], small]);
  d.share.known(1);
  assert.ok(ownCount(d) > small);
});

test('nothing is told while all are about as fast, on one measurement, or without any', () => {
  const d = device(0, 3);
  d.look(100, [170, 60], 5);
  d.look(100, [400], 1);
  d.look(100, [100], 1);
  d.look(0, [400]);
  d.look(100, []);
  assert.deepEqual(d.told, []);
  const alone = device(0, 1);
  alone.look(100, [400]);
  assert.deepEqual(alone.told, []);
});

test('rates that waver about the border do not change it to and fro', () => {
  const d = device(0, 2);
  for (let i = 0; i < 20; i++) d.look(100, [i % 4 < 2 ? 250 : 380]);
  assert.deepEqual(d.told, [1]);
});

test("whatever is told when, and however late it is heard, no piece is anybody's twice", () => {
  const count = 4;
  // A device learns its rates, or the next message of one device to another arrives.
  const step = fc.oneof(
    fc.record({ look: fc.nat(count - 1), halvings: fc.nat(5) }),
    fc.record({ from: fc.nat(count - 1), to: fc.nat(count - 1) }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const devices = Array.from({ length: count }, (_, me) => device(me, count));
      /** Under way from device to device: a handicap, or the answer to one. */
      const wires = devices.map(() =>
        devices.map((): { handicap: number; isAnswer: boolean }[] => []),
      );
      const unanswered = devices.map(() => devices.map(() => 0));
      const lookAt = (me: number, halvings: number) => {
        const { told, look } = devices[me]!;
        const before = told.length;
        look(1_000, [1_000 * 2 ** halvings]);
        for (const handicap of told.slice(before)) {
          for (let to = 0; to < count; to++) {
            if (to === me) continue;
            wires[me]![to]!.push({ handicap, isAnswer: false });
            unanswered[me]![to]!++;
          }
        }
      };
      const arrive = (from: number, to: number) => {
        const message = wires[from]![to]!.shift();
        if (!message) return;
        if (!message.isAnswer) {
          devices[to]!.responsibility.setHandicap(from, message.handicap);
          wires[to]![from]!.push({ handicap: 0, isAnswer: true });
          return;
        }
        unanswered[to]![from]!--;
        const { told, share } = devices[to]!;
        if (unanswered[to]!.every((n) => n === 0)) share.known(told.at(-1)!);
      };
      const check = () => {
        for (let p = 0; p < pieces; p++) {
          const owners = devices.filter((d) => d.responsibility.owner(p) === self);
          assert.ok(owners.length <= 1, `piece ${p} is ${owners.length} times somebody's`);
        }
      };
      for (const s of steps) {
        if ('look' in s) lookAt(s.look, s.halvings);
        else arrive(s.from, s.to);
        check();
      }
      // In the end, each piece is somebody's.
      for (let i = 0; i < 500; i++)
        for (let a = 0; a < count; a++)
          for (let b = 0; b < count; b++) {
            if (wires[a]![b]!.length === 0) continue;
            arrive(a, b);
            check();
          }
      for (let p = 0; p < pieces; p++) {
        assert.ok(
          devices.some((d) => d.responsibility.owner(p) === self),
          `piece ${p} is nobody's`,
        );
      }
    }),
    { numRuns: 200 },
  );
});
