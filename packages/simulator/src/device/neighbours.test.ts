import assert from 'node:assert/strict';
import { it } from 'node:test';
import { buildFleet } from '../fleet/build-fleet.ts';
import { runFleet } from '../fleet/run-fleet.ts';

it('of many that begin together the last ones soon have clearly more neighbours than they made at first', async () => {
  const fleet = buildFleet(
    {
      name: 'crowd',
      content: { pieces: 64 },
      source: { mbit: 100 },
      sites: [{ name: 'office' }],
      devices: [{ site: 'office', count: 100, downMbit: 1000, upMbit: 1000 }],
      model: { stepMs: 5, maxSeconds: 3 },
    },
    1,
  );
  await runFleet(fleet, {});
  const neighbours = fleet.devices.map(({ links }) => [...links].length).sort((a, b) => a - b);
  // With the connections that they make at first nine in ten have 18 or more.
  assert.ok(neighbours[10]! >= 26, `${neighbours.slice(0, 11)}`);
});
