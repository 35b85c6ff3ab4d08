/**
 * Fleets made by chance: any mixture of devices, lines, villains and deaths. Whatever it is,
 * everybody who lives gets everything, and not much later than by plain HTTP.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap, seededRandom } from '@sluice/protocol';
import { Fleet, mbit } from './fleet.test-kit.ts';
import { aloneMs, copies, finishedAt, runToEnd, survivors } from './measures.test-kit.ts';

const fleets = 60;

/** Background work is content with this, bytes/s, though HTTP may be faster. */
const backgroundRate = 2_500_000;
/** The longest that faults may cost beside the time of plain HTTP for all, ms. */
const marginMs = 30_000;

function randomFleet(seed: number): { fleet: Fleet; story: string } {
  const random = seededRandom(seed * 7_919);
  const pick = <T>(...list: T[]): T => list[Math.floor(random() * list.length)]!;
  const pieceCount = pick(1, 3, 16, 40, 100);
  const http = pick(2, 10, 50, 200);
  const story = [`${pieceCount} pieces`, `${http} Mbit/s`];
  const origin = { sequential: random() < 0.15, latencyMs: pick(1, 20, 150) };
  const cache = random() < 0.3 ? { cache: mbit(500) } : {};
  const device = { foreground: random() < 0.3, slots: pick(2, 4, 16), graceMs: pick(0, 50, 50) };
  const fleet = new Fleet({ pieceCount, http: mbit(http), seed, origin, ...cache, device });
  story.push(JSON.stringify({ ...origin, ...cache, ...device }));
  const count = 1 + Math.floor(random() * 7);
  for (let k = 0; k < count; k++) {
    const has = new PieceMap(pieceCount);
    const density = pick(0, 0, 0, 0.3, 1);
    for (let p = 0; p < pieceCount; p++) if (random() < density) has.set(p);
    const up = mbit(pick(1, 20, 1_000, 1_000));
    const at = pick(0, 0, 300, 3_000);
    const device = fleet.add(at, { has, up, down: mbit(pick(20, 1_000, 1_000)) });
    story.push(`device at ${at} up ${up} density ${density}`);
    if (k > 0 && random() < 0.2) {
      const death = at + 20 + random() * 6_000;
      const noticeMs = pick(1, 30_000);
      fleet.at(death, () => device.die(noticeMs));
      story.push(`dies at ${death}, noticed after ${noticeMs}`);
    }
  }
  for (const villainy of ['corrupts', 'chokes', 'stalls', 'claims'] as const) {
    if (random() > 0.2) continue;
    fleet.villain(villainy, pick(0, 1_024, 1e9));
    story.push(villainy);
  }
  return { fleet, story: `seed ${seed}: ${story.join(', ')}` };
}

test('any fleet finishes, not much later than by plain HTTP', () => {
  for (let seed = 1; seed <= fleets; seed++) {
    const { fleet, story } = randomFleet(seed);
    try {
      runToEnd(fleet);
      const limit = marginMs + Math.max(aloneMs(fleet), (1000 * fleet.size) / backgroundRate);
      assert.ok(
        finishedAt(survivors(fleet)) <= limit,
        `${finishedAt(survivors(fleet))} > ${limit}`,
      );
      assert.ok(copies(fleet) <= fleet.devices.length + 0.5, `${copies(fleet)} copies`);
    } catch (error) {
      throw new Error(story, { cause: error });
    }
  }
});
