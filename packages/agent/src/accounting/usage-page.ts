import type { PeerClass, TrafficClass } from '@sluice/engine';

/** What came and went, bytes of content, by class. `http` is without what came from cache hosts. */
export interface Traffic {
  Down: Record<TrafficClass, number>;
  Up: Record<PeerClass, number>;
}

/** One calendar month. */
export interface UsagePage extends Traffic {
  /** `2026-11`, local time. */
  Month: string;
  /** Downloaded at this priority: bytes, and the time that downloads ran, ms. */
  Foreground: { Bytes: number; Ms: number };
  Background: { Bytes: number; Ms: number };
}

/** Since the data directory was made. */
export interface UsageTotal extends Traffic {
  FilesDownloaded: number;
  FilesUploaded: number;
}

/** What `usage.json` holds. */
export interface UsageBook {
  Version: 1;
  /** The last ones that were written to, this month's at the end. */
  Months: UsagePage[];
  Total: UsageTotal;
}

/** The month of a day at its place. */
export function monthOf(day: Date): string {
  return `${day.getFullYear()}-${String(day.getMonth() + 1).padStart(2, '0')}`;
}

export function emptyPage(month: string): UsagePage {
  return {
    Month: month,
    ...noTraffic(),
    Foreground: { Bytes: 0, Ms: 0 },
    Background: { Bytes: 0, Ms: 0 },
  };
}

export function emptyTotal(): UsageTotal {
  return { ...noTraffic(), FilesDownloaded: 0, FilesUploaded: 0 };
}

/** @returns undefined when it is not such a book. */
export function parseBook(text: string): UsageBook | undefined {
  try {
    const { Version, Months, Total } = JSON.parse(text) as UsageBook;
    if (Version !== 1 || !Array.isArray(Months) || Months.length > 100) return undefined;
    const isRight =
      Months.every((m) => /^\d{4,6}-\d{2}$/.test(m.Month) && hasShapeOf(m, emptyPage(''))) &&
      hasShapeOf(Total, emptyTotal());
    return isRight ? { Version, Months, Total } : undefined;
  } catch {
    // Not JSON, or null where an object should be.
    return undefined;
  }
}

function noTraffic(): Traffic {
  return {
    Down: { http: 0, cache: 0, Lan: 0, LinkLocal: 0, Group: 0, Internet: 0 },
    Up: { Lan: 0, LinkLocal: 0, Group: 0, Internet: 0 },
  };
}

/** Whether it has every number that `model` has, and none is negative. */
function hasShapeOf(value: unknown, model: object): boolean {
  return Object.entries(model).every(([name, part]) => {
    const found = (value as Record<string, unknown>)[name];
    if (typeof part === 'number') return typeof found === 'number' && found >= 0;
    if (typeof part === 'string') return typeof found === 'string';
    return typeof found === 'object' && found !== null && hasShapeOf(found, part as object);
  });
}
