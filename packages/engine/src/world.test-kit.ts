import assert from 'node:assert/strict';
import { PieceMap, type PieceRun, seededRandom } from '@sluice/protocol';
import type { Action, FetchId, SourceId, SourceSpec } from './events.ts';
import { Scheduler } from './scheduler.ts';
import type { SchedulerOptions } from './scheduler-options.ts';

export function peerId(n: number): string {
  return n.toString(16).padStart(32, '0').padEnd(40, '0');
}

interface Open {
  source: SourceId;
  run: PieceRun;
  left: number[];
}

/** One scheduler and its sources, played by hand; checks what must hold at every action. */
export class World {
  readonly scheduler: Scheduler;
  readonly options: SchedulerOptions;
  now = 0;
  readonly open = new Map<FetchId, Open>();
  readonly has = new Map<SourceId, PieceMap>();
  readonly gone = new Set<SourceId>();
  readonly actions: Action[] = [];
  fetched = 0;
  asked = 0;

  constructor(options: Partial<SchedulerOptions> & { pieceCount: number }) {
    this.options = {
      pieceSize: 1 << 20,
      have: new PieceMap(options.pieceCount),
      self: peerId(1),
      salt: 7,
      random: seededRandom(1),
      foreground: false,
      ...options,
    };
    this.scheduler = new Scheduler(this.options);
  }

  origin(id: SourceId, kind: 'http' | 'cache' = 'http', maxFetches = 4): void {
    this.#add({ id, kind, maxFetches });
  }

  peer(id: SourceId, has: PieceMap, sharesWork = true, sameSite = true): void {
    this.has.set(id, has);
    this.#add({ id, kind: 'peer', peerId: peerId(id + 100), sameSite, sharesWork, has });
    this.scheduler.handle({ type: 'choked', source: id, choked: false }, this.now);
  }

  remove(id: SourceId): void {
    this.gone.add(id);
    for (const [fetch, o] of this.open) if (o.source === id) this.open.delete(fetch);
    this.scheduler.handle({ type: 'sourceGone', source: id }, this.now);
  }

  /** Lets the scheduler decide and takes note of what it asks for. */
  decide(ms = 0): Action[] {
    this.now += ms;
    const { actions } = this.scheduler.decide(this.now);
    for (const a of actions) {
      if (a.type === 'fetch') this.#note(a);
      if (a.type === 'cancel' && this.open.delete(a.fetch)) this.#ended(a.fetch);
    }
    this.actions.push(...actions);
    return actions;
  }

  /** The next piece of a fetch arrives. */
  deliver(fetch: FetchId, good = true): number {
    const o = this.open.get(fetch)!;
    const piece = o.left.shift()!;
    const bytes = this.options.pieceSize;
    this.scheduler.handle({ type: 'received', source: o.source, bytes }, this.now);
    this.scheduler.handle({ type: good ? 'pieceGood' : 'pieceBad', fetch, piece }, this.now);
    this.fetched++;
    if (o.left.length === 0) {
      this.open.delete(fetch);
      this.#ended(fetch);
    }
    return piece;
  }

  fail(fetch: FetchId, retryable = true): void {
    this.open.delete(fetch);
    this.scheduler.handle({ type: 'fetchEnded', fetch, fault: { retryable } }, this.now);
  }

  fetchesOf(source: SourceId): FetchId[] {
    return [...this.open].filter(([, o]) => o.source === source).map(([f]) => f);
  }

  #add(source: SourceSpec): void {
    this.scheduler.handle({ type: 'sourceAdded', source }, this.now);
  }

  #ended(fetch: FetchId): void {
    this.scheduler.handle({ type: 'fetchEnded', fetch }, this.now);
  }

  #note(a: Extract<Action, { type: 'fetch' }>): void {
    assert.ok(!this.gone.has(a.source), 'asked a source that is gone');
    const pieces = Array.from({ length: a.run.count }, (_, i) => a.run.first + i);
    for (const o of this.open.values()) {
      if (o.source !== a.source) continue;
      for (const p of pieces)
        assert.ok(!o.left.includes(p), `piece ${p} asked twice of one source`);
    }
    const has = this.has.get(a.source);
    if (has) for (const p of pieces) assert.ok(has.has(p), 'asked a peer for what it has not');
    this.open.set(a.fetch, { source: a.source, run: a.run, left: pieces });
    this.asked += pieces.length;
  }
}
