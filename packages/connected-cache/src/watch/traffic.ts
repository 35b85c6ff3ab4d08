import { Histogram } from '@sluice/protocol';
import { contentOf } from '../sources/microsoft-hosts.ts';
import type { AnswerNote, CacheState } from './answer-note.ts';

/** What went to clients of one host, or of one kind of content. */
export interface Share {
  requests: number;
  hitBytes: number;
  missBytes: number;
}

/** Hosts that are counted by name; clients choose names, so there must be an end. */
const maxHosts = 64;
const others = 'other';

/** Counts ended answers: by state, status, host and kind of content, and how long they took. */
export class Traffic {
  /** Answers by what the cache had. */
  readonly states = new Map<CacheState, number>();
  /** Answers by the first digit of their status: `2xx`. */
  readonly statuses = new Map<string, number>();
  readonly hosts = new Map<string, Share>();
  readonly contents = new Map<string, Share>();
  /** Until the head of the answer was written. */
  readonly firstByte = new Map<CacheState, Histogram>();
  readonly whole = new Histogram();

  add(note: AnswerNote, status: number, now: number): void {
    count(this.states, note.state);
    count(this.statuses, `${Math.floor(status / 100)}xx`);
    this.whole.add(now - note.began);
    if (note.headMs !== undefined) this.#timed(note.state, note.headMs);
    if (note.source === undefined) return;
    const isNew = !this.hosts.has(note.source);
    const host = isNew && this.hosts.size >= maxHosts ? others : note.source;
    addTo(this.hosts, host, note);
    addTo(this.contents, contentOf(note.source.replace(/:\d+$/, '')), note);
  }

  #timed(state: CacheState, ms: number): void {
    let histogram = this.firstByte.get(state);
    if (!histogram) {
      histogram = new Histogram();
      this.firstByte.set(state, histogram);
    }
    histogram.add(ms);
  }
}

function count<K>(map: Map<K, number>, key: K): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

function addTo(map: Map<string, Share>, key: string, { hitBytes, missBytes }: AnswerNote): void {
  const share = map.get(key) ?? { requests: 0, hitBytes: 0, missBytes: 0 };
  map.set(key, share);
  share.requests++;
  share.hitBytes += hitBytes;
  share.missBytes += missBytes;
}
