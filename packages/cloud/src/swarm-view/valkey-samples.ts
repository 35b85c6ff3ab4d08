import { hash } from 'node:crypto';
import type { Clock } from '@sluice/protocol';
import type { Cluster, Redis } from 'ioredis';
import type { Logger } from 'pino';
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
 * KEYS: devices by the time of their last join · what each said, and before. ARGV: the oldest time that counts,
 * then the record of each; its id alone: it has left.
 */
const noteScript = `
for i = 2, #ARGV do
  local record = ARGV[i]
  local id, at = record:match('^([^|]*)|?(%d*)')
  if at == '' then
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  else
    local known = redis.call('HGET', KEYS[2], id)
    local before = known and known:match('^[^\\n]*') or ''
    redis.call('HSET', KEYS[2], id, record .. '\\n' .. before)
    redis.call('ZADD', KEYS[1], at, id)
  end
end
local function drop(ids)
  for _, id in ipairs(ids) do
    redis.call('ZREM', KEYS[1], id)
    redis.call('HDEL', KEYS[2], id)
  end
end
drop(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', '(' .. ARGV[1], 'LIMIT', 0, 1000))
drop(redis.call('ZRANGE', KEYS[1], 0, -${sampleLimits.devices + 1}))
redis.call('PEXPIRE', KEYS[1], ${lifeMs})
redis.call('PEXPIRE', KEYS[2], ${lifeMs})
`;

type Scripted = (Redis | Cluster) & {
  sluiceNote(...args: (string | number)[]): Promise<unknown>;
};

/** What was noted of one content since it went to the store the last time; undefined: it has left. */
interface Pending {
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
  #pending = new Map<string, Pending>();
  #cancel: (() => void) | undefined;
  /** When what went to the store is there. Never rejects. */
  sent: Promise<unknown> = Promise.resolve();

  constructor(
    store: Redis | Cluster,
    options: { clock: Clock; wallTime: () => number; logger: Logger | undefined },
  ) {
    store.defineCommand('sluiceNote', { numberOfKeys: 2, lua: noteScript });
    this.#store = store as Scripted;
    this.#clock = options.clock;
    this.#wallTime = options.wallTime;
    this.#logger = options.logger;
  }

  note(tenant: string, contentId: string, sample: JoinSample): void {
    this.#later(tenant, contentId, sample.peerId, sample);
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

  #later(tenant: string, contentId: string, peerId: string, sample: JoinSample | undefined): void {
    const key = `${tenant}\n${contentId}`;
    let pending = this.#pending.get(key);
    if (!pending) {
      // A flood of contents: the view is of some of them.
      if (this.#pending.size >= sampleLimits.swarms) return;
      pending = { tenant, contentId, devices: new Map() };
      this.#pending.set(key, pending);
    }
    if (pending.devices.size < sampleLimits.devices || pending.devices.has(peerId)) {
      pending.devices.set(peerId, sample);
    }
    this.#cancel ??= this.#clock.setTimer(flushMs, () => {
      this.#cancel = undefined;
      this.#flush();
    });
  }

  #flush(): void {
    const all = [...this.#pending.values()];
    this.#pending = new Map();
    this.sent = Promise.all(all.map((pending) => this.#send(pending))).catch((err) => {
      this.#logger?.warn({ err }, 'what devices said is not seen in the swarm view');
    });
  }

  async #send({ tenant, contentId, devices }: Pending): Promise<void> {
    const oldest = this.#wallTime() - sampleLimits.ageMs;
    const said = Array.from(devices, ([id, sample]) => (sample ? recordOf(sample) : id));
    const index = indexOf(tenant);
    const stays = [...devices.values()].some((sample) => sample !== undefined);
    await Promise.all([
      this.#store.sluiceNote(...keysOf(tenant, contentId), oldest, ...said),
      ...(stays
        ? [
            this.#store.zadd(index, Math.round(this.#wallTime()), contentId),
            this.#store.zremrangebyrank(index, 0, -(sampleLimits.swarms + 1)),
            this.#store.pexpire(index, lifeMs),
          ]
        : []),
    ]);
  }
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
