import { hash } from 'node:crypto';
import type { Clock } from '@sluice/protocol';
import type { Cluster, Redis } from 'ioredis';
import type { Logger } from 'pino';
import { TextMap } from '../registry/text-map.ts';
import { answered } from '../registry/valkey/answered.ts';
import {
  type DeviceSamples,
  type JoinSample,
  type JoinSamples,
  sampleLimits,
} from './join-samples.ts';

/** So often what was noted goes to the store, ms: one call for each content, not one for each join. */
const flushMs = 1_000;
/** Of the keys, beyond their use, ms. */
const lifeMs = 900_000;

/**
 * KEYS: a tenant's contents by the time of their last join. ARGV: now, the oldest time that counts, then contents that
 * were joined. @returns the contents that are kept
 */
const seenScript = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[2])
local room = ${sampleLimits.swarms} - redis.call('ZCARD', KEYS[1])
for i = 3, #ARGV do
  if redis.call('ZADD', KEYS[1], 'XX', 'CH', ARGV[1], ARGV[i]) == 0 and room > 0 then
    room = room - redis.call('ZADD', KEYS[1], ARGV[1], ARGV[i])
  end
end
redis.call('PEXPIRE', KEYS[1], ${lifeMs})
return redis.call('ZRANGE', KEYS[1], 0, -1)
`;

/**
 * KEYS: devices by the time of their last join · what each said, and before. ARGV: the oldest time that counts,
 * then the record of each; its id alone: it has left.
 */
const noteScript = `
for _, id in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, 1000)) do
  redis.call('ZREM', KEYS[1], id)
  redis.call('HDEL', KEYS[2], id)
end
for i = 2, #ARGV do
  local record = ARGV[i]
  local id, at = record:match('^([^|]*)|?(%d*)')
  if at == '' then
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  else
    local known = redis.call('HGET', KEYS[2], id)
    local before = known and known:match('^[^\\n]*') or ''
    if known or redis.call('ZCARD', KEYS[1]) < ${sampleLimits.devices} then
      redis.call('HSET', KEYS[2], id, record .. '\\n' .. before)
      redis.call('ZADD', KEYS[1], at, id)
    end
  end
end
redis.call('PEXPIRE', KEYS[1], ${lifeMs})
redis.call('PEXPIRE', KEYS[2], ${lifeMs})
`;

type Scripted = (Redis | Cluster) & {
  sluiceSeen(...args: (string | number)[]): Promise<string[]>;
  sluiceNote(...args: (string | number)[]): Promise<unknown>;
};

/** What was noted of one content since it went to the store the last time; undefined: it has left. */
interface Pending {
  /** Of both. */
  key: string;
  tenant: string;
  contentId: string;
  devices: Map<string, JoinSample | undefined>;
}

/** What devices said to all clouds that share a Valkey. The store's connection is the registry's. */
export class ValkeySamples implements JoinSamples {
  readonly #store: Scripted;
  readonly #clock: Clock;
  readonly #wallTime: () => number;
  readonly #logger: Logger | undefined;
  #pending = new TextMap<Pending>(keyOf);
  /** Contents that the store keeps, by what it said last of the tenant. */
  readonly #kept = new Map<string, TextMap<string>>();
  /** Contents that are pending and were not kept. */
  #strangers = 0;
  #cancel: (() => void) | undefined;
  /** When what went to the store is there. Never rejects. */
  sent: Promise<unknown> = Promise.resolve();

  constructor(
    store: Redis | Cluster,
    options: { clock: Clock; wallTime: () => number; logger: Logger | undefined },
  ) {
    store.defineCommand('sluiceSeen', { numberOfKeys: 1, lua: seenScript });
    store.defineCommand('sluiceNote', { numberOfKeys: 2, lua: noteScript });
    this.#store = store as Scripted;
    this.#clock = options.clock;
    this.#wallTime = options.wallTime;
    this.#logger = options.logger;
  }

  note(tenant: string, contentId: string, peerId: string, said: () => JoinSample): void {
    this.#later(tenant, contentId, peerId, said);
  }

  forget(tenant: string, contentId: string, peerId: string): void {
    this.#later(tenant, contentId, peerId, undefined);
  }

  async contents(tenant: string) {
    const since = this.#wallTime() - sampleLimits.ageMs;
    const found = await answered(
      this.#store.zrange(indexOf(tenant), '+inf', String(since), 'BYSCORE', 'REV', 'WITHSCORES'),
    );
    return Array.from({ length: found.length / 2 }, (_, i) => ({
      contentId: found[2 * i]!,
      at: Number(found[2 * i + 1]),
    }));
  }

  async devices(tenant: string, contentId: string): Promise<DeviceSamples[]> {
    const since = this.#wallTime() - sampleLimits.ageMs;
    const records = await answered(this.#store.hvals(keysOf(tenant, contentId)[1]));
    if (records.length === 0) await answered(this.#keep(tenant, contentId));
    return records
      .map((record) => {
        const [latest, before] = record.split('\n') as [string, string | undefined];
        return { latest: sampleFrom(latest), before: before ? sampleFrom(before) : undefined };
      })
      .filter(({ latest }) => latest.at >= since);
  }

  async close(): Promise<void> {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  /** Somebody looks at it. */
  async #keep(tenant: string, contentId: string): Promise<void> {
    const index = indexOf(tenant);
    await this.#store.zadd(index, 'NX', Math.round(this.#wallTime()), contentId);
    await this.#store.zremrangebyrank(index, 0, -(sampleLimits.swarms + 1));
    await this.#store.pexpire(index, lifeMs);
  }

  #later(
    tenant: string,
    contentId: string,
    peerId: string,
    said: (() => JoinSample) | undefined,
  ): void {
    const key = `${tenant}\n${contentId}`;
    let pending = this.#pending.get(key);
    if (!pending) {
      if (!this.#kept.get(tenant)?.has(contentId)) {
        // A flood of contents: the view is of some of them.
        if (this.#strangers >= sampleLimits.swarms) return;
        this.#strangers++;
      }
      pending = { key, tenant, contentId, devices: new Map() };
      this.#pending.set(pending);
    }
    if (pending.devices.size < sampleLimits.devices || pending.devices.has(peerId)) {
      pending.devices.set(peerId, said?.());
    }
    this.#cancel ??= this.#clock.setTimer(flushMs, () => {
      this.#cancel = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    const all = Map.groupBy(this.#pending.values(), ({ tenant }) => tenant);
    this.#pending = new TextMap(keyOf);
    this.#strangers = 0;
    for (const tenant of this.#kept.keys()) if (!all.has(tenant)) this.#kept.delete(tenant);
    const sent = Array.from(all, ([tenant, pending]) => this.#send(tenant, pending));
    this.sent = Promise.all(sent).catch((err) => {
      this.#logger?.warn({ err }, 'what devices said is not seen in the swarm view');
    });
  }

  async #send(tenant: string, all: readonly Pending[]): Promise<void> {
    const now = Math.round(this.#wallTime());
    const oldest = now - sampleLimits.ageMs;
    const joined = all.filter(({ devices }) => [...devices.values()].some((sample) => sample));
    const ids = joined.map(({ contentId }) => contentId);
    const kept = new TextMap<string>((id) => id);
    for (const id of await this.#store.sluiceSeen(indexOf(tenant), now, oldest, ...ids))
      kept.set(id);
    this.#kept.set(tenant, kept);
    const told = all.filter(({ contentId }) => kept.has(contentId));
    await Promise.all(
      told.map(({ contentId, devices }) => {
        const said = Array.from(devices, ([id, sample]) => (sample ? recordOf(sample) : id));
        return this.#store.sluiceNote(...keysOf(tenant, contentId), oldest, ...said);
      }),
    );
  }
}

function keyOf({ key }: Pending): string {
  return key;
}

/** Begins with id and time, as the script wants it. No field holds a `|`. */
function recordOf(sample: JoinSample): string {
  const { peerId, at, site, scope, background, left, fromHttp, fromCache, fromPeers } = sample;
  return `${peerId}|${at}|${site}|${scope}|${background ? 1 : 0}|${left}|${fromHttp}|${fromCache}|${fromPeers}|${sample.uploaded}`;
}

function sampleFrom(record: string): JoinSample {
  const [peerId, at, site, ...numbers] = record.split('|') as [string, string, string, ...string[]];
  const [scope, background, left, fromHttp, fromCache, fromPeers, uploaded] = numbers.map(
    Number,
  ) as [number, number, number, number, number, number, number];
  const bytes = { left, fromHttp, fromCache, fromPeers, uploaded };
  return { peerId, at: Number(at), site, scope, background: background === 1, ...bytes };
}

function indexOf(tenant: string): string {
  return `sluice:{${shortHash(tenant)}}seen`;
}

/** Both have the same tag, so they are on one node of a cluster. */
function keysOf(tenant: string, contentId: string): [string, string] {
  const tag = `sluice:{${shortHash(`${tenant}\n${contentId}`)}}`;
  return [`${tag}seen-at`, `${tag}told`];
}

function shortHash(text: string): string {
  return hash('sha256', text, 'base64url').slice(0, 22);
}
