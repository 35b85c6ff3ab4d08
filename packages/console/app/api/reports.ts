import { type QueryKey, useQuery } from '@tanstack/react-query';
import { askJson, withQuery } from './client.ts';

/** A report as `GET /admin/reports/<name>` has it. */
export interface Report<Row> {
  From: string;
  To: string;
  TimeGenerated: string;
  Rows: Row[];
  /** What to give as `after` for the rest. */
  Next: string | null;
}

/** Bytes by source, by their names in reports. */
export interface ReportBytes {
  BytesFromCDN: number;
  BytesFromCache: number;
  BytesFromPeers: number;
  BytesFromGroupPeers: number;
  BytesFromIntPeers: number;
}

/** Bytes, and what of them stayed off the source: percent. */
export interface Volumes extends ReportBytes {
  TotalBytes: number;
  BWOptPercent: number;
}

export type Query = Record<string, string | number | undefined>;

export function report<Row>(name: string, query: Query): Promise<Report<Row>> {
  return askJson(withQuery(`/admin/reports/${name}`, query));
}

/** The rows of a report of these days, asked for again now and then. */
export function useReport<Row>(name: string, query: Query) {
  const queryKey: QueryKey = ['reports', name, query];
  return useQuery({ queryKey, queryFn: () => report<Row>(name, query), refetchInterval: 15_000 });
}

/** The first day of the last `days`, today included: `2027-01-31`, UTC as reports count. */
export function daysBack(days: number): string {
  return new Date(Date.now() - (days - 1) * 86_400_000).toISOString().slice(0, 10);
}

export function bytesIn(row: ReportBytes) {
  return {
    http: row.BytesFromCDN,
    cache: row.BytesFromCache,
    lan: row.BytesFromPeers,
    group: row.BytesFromGroupPeers,
    internet: row.BytesFromIntPeers,
  };
}
