/**
 * What a decision costs: `node packages/engine/bench/decide.ts [--json]`.
 *
 * Fifty peers with half the pieces each deliver them one by one, and say what else they got; for
 * every piece the scheduler hears `received`, `pieceGood`, `fetchEnded` and one `peerHas`, and decides.
 * The cost per piece must not grow with the number of pieces.
 */
import { parseArgs } from 'node:util';
import { PieceMap } from '@sluice/protocol';
import { type Action, Scheduler } from '../src/index.ts';

const pieceSize = 1 << 20;
const peers = 50;
/** Of a site that shares the thin link: the rest are peers elsewhere. */
const sharing = 20;

interface Result {
  pieces: number;
  nsPerPiece: number;
  decisionsPerSecond: number;
  p99Us: number;
  worstUs: number;
  /** One event that touches all pieces, µs. */
  joinUs: number;
  leaveUs: number;
}

function main(): void {
  const { values } = parseArgs({ options: { json: { type: 'boolean', default: false } } });
  // The first run warms the compiler up.
  run(1_000, 20_000);
  const results = [run(1_000, 100_000), run(10_000, 100_000), run(100_000, 100_000)];
  if (values.json) console.log(JSON.stringify(results));
  else console.table(results);
}

/** Delivers `samples` pieces, over as many downloads of `pieceCount` pieces as that takes. */
function run(pieceCount: number, samples: number): Result {
  const times: number[] = [];
  const joins: number[] = [];
  const leaves: number[] = [];
  while (times.length < samples) download(pieceCount, times, joins, leaves);
  times.sort((a, b) => a - b);
  const total = times.reduce((a, b) => a + b, 0);
  return {
    pieces: pieceCount,
    nsPerPiece: Math.round((total / times.length) * 1e6),
    decisionsPerSecond: Math.round(times.length / (total / 1000)),
    p99Us: micros(times[Math.floor(times.length * 0.99)]!),
    worstUs: micros(times.at(-1)!),
    joinUs: micros(Math.max(...joins)),
    leaveUs: micros(Math.max(...leaves)),
  };
}

function download(pieceCount: number, times: number[], joins: number[], leaves: number[]): void {
  let state = pieceCount;
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  const have = new PieceMap(pieceCount);
  const self = 'f'.repeat(40);
  const scheduler = new Scheduler({
    pieceCount,
    pieceSize,
    have,
    self,
    salt: 1,
    random,
    foreground: false,
  });
  let now = 0;
  scheduler.handle({ type: 'sourceAdded', source: { id: 1, kind: 'http', maxFetches: 4 } }, now);
  const started = performance.now();
  for (let id = 2; id < peers + 2; id++) addPeer(scheduler, id, pieceCount, random);
  joins.push((performance.now() - started) / peers);

  const fetches: Extract<Action, { type: 'fetch' }>[] = [];
  const take = (actions: Action[]) => {
    for (const a of actions) if (a.type === 'fetch') fetches.push(a);
  };
  take(scheduler.decide(now).actions);
  for (let k = 0; fetches.length > 0 && !scheduler.complete; k++) {
    const f = fetches[k % fetches.length]!;
    fetches[k % fetches.length] = fetches.at(-1)!;
    fetches.pop();
    now += 0.5;
    const from = performance.now();
    for (let p = f.run.first; p < f.run.first + f.run.count; p++) {
      scheduler.handle({ type: 'received', source: f.source, bytes: pieceSize }, now);
      scheduler.handle({ type: 'pieceGood', fetch: f.fetch, piece: p }, now);
    }
    scheduler.handle({ type: 'fetchEnded', fetch: f.fetch }, now);
    const source = 2 + (k % peers);
    scheduler.handle({ type: 'peerHas', source, piece: Math.floor(random() * pieceCount) }, now);
    const { actions } = scheduler.decide(now);
    times.push((performance.now() - from) / f.run.count);
    take(actions);
  }
  const leaving = performance.now();
  scheduler.handle({ type: 'sourceGone', source: 2 }, now);
  leaves.push(performance.now() - leaving);
}

function addPeer(scheduler: Scheduler, id: number, pieceCount: number, random: () => number): void {
  const has = new PieceMap(pieceCount);
  for (let p = 0; p < pieceCount; p++) if (random() < 0.5) has.set(p);
  const peerId = id.toString(16).padStart(40, '0');
  const site = id < 2 + sharing;
  const source = { id, kind: 'peer' as const, peerId, sameSite: site, sharesWork: site, has };
  scheduler.handle({ type: 'sourceAdded', source }, 0);
  scheduler.handle({ type: 'choked', source: id, choked: false }, 0);
}

function micros(ms: number): number {
  return Math.round(ms * 1e4) / 10;
}

main();
