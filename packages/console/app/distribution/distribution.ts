import type { Volumes } from '../api/reports.ts';

/** A row of the report `contents`. What follows from starts is null when they are not kept any more. */
export interface Distribution extends Volumes {
  ContentId: string;
  ContentType: string;
  ContentLength: number;
  FirstStart: string | null;
  DeviceCount: number | null;
  CompletedCount: number | null;
  TimeTo50PercentMs: number | null;
  TimeTo95PercentMs: number | null;
  TimeTo100PercentMs: number | null;
  BoundMs: number | null;
  BoundTerm: string | null;
  RatioToBound: number | null;
  DuplicateBytes: number;
  DuplicatePercent: number;
  SiteCount: number | null;
  SourceCopies: number | null;
  SourceCopiesPerSite: number | null;
  TopReason: string | null;
  TopReasonCount: number;
}

/** A row of the report `content-sites`. */
export interface ContentSite {
  Site: string;
  City: string | null;
  DeviceCount: number;
  CompletedCount: number;
  BytesFromCDN: number;
  TotalBytes: number;
  SourceCopies: number | null;
}
