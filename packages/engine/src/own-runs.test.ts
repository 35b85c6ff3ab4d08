import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimCredit } from './claim-credit.ts';
import { World } from './world.test-kit.ts';

test('a fast device fetches no more at once than others believe of it, and runs grow with what it has', () => {
  const world = new World({ pieceCount: 512, pieceSize: 1 << 20 });
  world.origin(1, 'http', 4);
  world.origin(2, 'http', 4);
  let longest = 0;
  for (let had = 0; had < 256; had++) {
    world.decide(1);
    const pending = [...world.open.values()].reduce((sum, o) => sum + o.left.length, 0);
    assert.ok(pending <= claimCredit(had), `${pending} pieces with ${had} here`);
    longest = Math.max(longest, ...[...world.open.values()].map((o) => o.run.count));
    world.deliver([...world.open.keys()][0]!);
  }
  assert.equal(longest, 32);
});
