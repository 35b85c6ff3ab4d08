import type { RegistrationStatus } from '../registration/cloud-link.ts';
import type { CacheStats } from '../stats.ts';
import { slotMs } from './history.ts';
import type { Issue } from './issues.ts';
import { type Summary, summaryOf } from './summary.ts';
import type { Share } from './traffic.ts';
import type { Watch } from './watch.ts';

/** What the node says of itself, with the figures of Microsoft's overview (connected-cache.md §9). */
export interface NodeStatus {
  State: 'Healthy' | 'Unhealthy';
  StartTime: string;
  UptimeSeconds: number;
  Stats: CacheStats;
  Summary: Summary;
  /** Of the last 24 hours, or since the start. Megabits are millions. */
  LastDay: {
    /** Percent of bytes sent from the cache. */
    CacheEfficiency: number;
    AverageEgressMbps: number;
    EgressMbpsMax: number;
    AverageMissMbps: number;
    MissMbpsMax: number;
  };
  FirstByteMs: { HitP50: number; HitP99: number };
  Contents: NamedShare[];
  Hosts: NamedShare[];
  Issues: Issue[];
  MaxBytes: number;
  /** Null when no cloud was named. */
  Registration: RegistrationStatus | null;
}

type NamedShare = Share & { name: string };

export function nodeStatus(
  watch: Watch,
  stats: CacheStats,
  maxBytes: number,
  registration: RegistrationStatus | undefined,
): NodeStatus {
  const { history, traffic, issues, startedAt, now } = watch;
  const hits = traffic.firstByte.get('HIT');
  const list = issues.list;
  return {
    State: list.some(({ EndTime }) => EndTime === null) ? 'Unhealthy' : 'Healthy',
    StartTime: new Date(startedAt).toISOString(),
    UptimeSeconds: Math.floor((now - startedAt) / 1000),
    Stats: stats,
    Summary: summaryOf(stats),
    LastDay: lastDay(history.samples, (now - startedAt) % slotMs),
    FirstByteMs: { HitP50: hits?.quantile(0.5) ?? 0, HitP99: hits?.quantile(0.99) ?? 0 },
    Contents: largestFirst(traffic.contents),
    Hosts: largestFirst(traffic.hosts),
    Issues: list,
    MaxBytes: maxBytes,
    Registration: registration ?? null,
  };
}

/** @param runningMs how long the last slot has run */
function lastDay(samples: Watch['history']['samples'], runningMs: number): NodeStatus['LastDay'] {
  const lengths = samples.map((_, i) =>
    i < samples.length - 1 ? slotMs : Math.max(1000, runningMs),
  );
  const total = (pick: (s: (typeof samples)[number]) => number) =>
    samples.reduce((sum, s) => sum + pick(s), 0);
  const ms = lengths.reduce((sum, length) => sum + length, 0);
  const egress = total((s) => s.egressBytes);
  const most = (pick: (s: (typeof samples)[number]) => number) =>
    Math.max(...samples.map((s, i) => mbps(pick(s), lengths[i]!)));
  return {
    CacheEfficiency: egress > 0 ? round((100 * total((s) => s.hitBytes)) / egress) : 0,
    AverageEgressMbps: mbps(egress, ms),
    EgressMbpsMax: most((s) => s.egressBytes),
    AverageMissMbps: mbps(
      total((s) => s.sourceBytes),
      ms,
    ),
    MissMbpsMax: most((s) => s.sourceBytes),
  };
}

export function mbps(bytes: number, ms: number): number {
  return round((bytes * 8) / 1e6 / (ms / 1000));
}

function round(n: number): number {
  return Math.round(n * 100) / 100;
}

function largestFirst(shares: Map<string, Share>): NamedShare[] {
  const list = [...shares].map(([name, share]) => ({ name, ...share }));
  return list.sort((a, b) => b.hitBytes + b.missBytes - a.hitBytes - a.missBytes);
}
