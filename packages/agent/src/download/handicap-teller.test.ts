import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { PeerClass } from '@sluice/engine';
import type { Hello } from '@sluice/protocol';
import type { Member } from '../swarm/member.ts';
import { HandicapTeller } from './handicap-teller.ts';

const hello: Hello = { features: ['claim'], mayUseHttp: true, listenPort: 1 };

function setUp(...members: { peerClass: PeerClass; hello?: Hello; acquainted: boolean }[]) {
  const told: number[] = [];
  const known: number[] = [];
  const swarm = {
    get members() {
      return members.values() as unknown as IterableIterator<Member>;
    },
    setHandicap: (handicap: number) => told.push(handicap),
  };
  const teller = new HandicapTeller(swarm, (handicap) => known.push(handicap));
  return { teller, told, known, members };
}

test('what an earlier download told holds no longer', () => {
  const { told, known } = setUp();
  assert.deepEqual([told, known], [[0], []]);
});

test('is known when all of the site have answered, or are gone', () => {
  const late = { peerClass: 'Lan' as const, hello, acquainted: false };
  const gone = { peerClass: 'LinkLocal' as const, hello, acquainted: false };
  const { teller, told, known, members } = setUp(late, gone);
  teller.tell(2);
  assert.deepEqual([told, known], [[0, 2], []]);
  late.acquainted = true;
  teller.look();
  assert.deepEqual(known, []);
  members.pop();
  teller.look();
  teller.look();
  assert.deepEqual(known, [2]);
});

test('waits neither for peers elsewhere nor for who has said nothing', () => {
  const { teller, known } = setUp(
    { peerClass: 'Internet', hello, acquainted: false },
    { peerClass: 'Lan', acquainted: false },
  );
  teller.tell(1);
  assert.deepEqual(known, [1]);
});
