import { type CountedTimes, Histogram } from '@sluice/protocol';
import { contentOf } from '../sources/microsoft-hosts.ts';
import type { AnswerNote, CacheState } from './answer-note.ts';

/** What went to clients of one host, or of one kind of content. */
export interface Share {
  requests: number;
  hitBytes: number;
  missBytes: number;
}

/** What is counted of an ended answer. */
export type EndedAnswer = Pick<
  AnswerNote,
  'began' | 'headMs' | 'source' | 'state' | 'hitBytes' | 'missBytes'
>;

/** Hosts that are counted by name; clients choose names, so there must be an end. */
const maxHosts = 64;
const others = 'other';

/** A `Traffic` as it comes out of another thread. */
export type Counted = Pick<Traffic, 'states' | 'statuses' | 'hosts' | 'contents'> & {
  firstByte: Map<CacheState, CountedTimes>;
  whole: CountedTimes;
};

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

  add(note: EndedAnswer, status: number, now: number): void {
    count(this.states, note.state);
    count(this.statuses, `${Math.floor(status / 100)}xx`);
    this.whole.add(now - note.began);
    if (note.headMs !== undefined) this.#histogramOf(note.state).add(note.headMs);
    if (note.source === undefined) return;
    const share = { requests: 1, hitBytes: note.hitBytes, missBytes: note.missBytes };
    addTo(this.hosts, this.#nameOf(note.source), share);
    addTo(this.contents, contentOf(note.source.replace(/:\d+$/, '')), share);
  }

  /** Takes in what another one counted, which may have come from another thread. */
  merge(other: Counted): void {
    for (const [state, n] of other.states) count(this.states, state, n);
    for (const [status, n] of other.statuses) count(this.statuses, status, n);
    for (const [host, share] of other.hosts) addTo(this.hosts, this.#nameOf(host), share);
    for (const [content, share] of other.contents) addTo(this.contents, content, share);
    for (const [state, histogram] of other.firstByte) this.#histogramOf(state).merge(histogram);
    this.whole.merge(other.whole);
  }

  #nameOf(host: string): string {
    return !this.hosts.has(host) && this.hosts.size >= maxHosts ? others : host;
  }

  #histogramOf(state: CacheState): Histogram {
    let histogram = this.firstByte.get(state);
    if (!histogram) {
      histogram = new Histogram();
      this.firstByte.set(state, histogram);
    }
    return histogram;
  }
}

function count<K>(map: Map<K, number>, key: K, by = 1): void {
  map.set(key, (map.get(key) ?? 0) + by);
}

function addTo(map: Map<string, Share>, key: string, by: Share): void {
  let share = map.get(key);
  if (!share) {
    share = { requests: 0, hitBytes: 0, missBytes: 0 };
    map.set(key, share);
  }
  share.requests += by.requests;
  share.hitBytes += by.hitBytes;
  share.missBytes += by.missBytes;
}
