/**
 * `Waiting` for its time, `Running` at the cloud that holds the lease, `Done`: published and checked again
 * from time to time, `Failed`: not tried again before `NextAt`, and then only when somebody asks for it.
 */
export type IngestState = 'Waiting' | 'Running' | 'Done' | 'Failed';

/** A hashing job of the cloud: `GET /admin/ingest`. */
export interface IngestView {
  Id: string;
  Url: string;
  State: IngestState;
  Tries: number;
  /** ISO 8601; of one that waits, or that failed and may be asked for again. */
  NextAt: string | null;
  ContentId: string | null;
  ContentLength: number | null;
  Validator: string | null;
  Error: string | null;
}

/** What the cloud takes in by itself: `GET /admin/ingest/limits`. */
export interface IngestLimits {
  /** `host`, `host:port` or `*.suffix`; none: it takes in nothing. */
  Allow: string[];
  /** Bytes/s, over all jobs of one cloud. */
  Rate: number;
  /** Bytes of an object. */
  MaxLength: number;
}
