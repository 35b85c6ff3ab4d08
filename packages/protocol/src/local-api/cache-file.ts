import type { DownloadModeName } from './download-modes.ts';

/** A file in the store: fields of Get-DeliveryOptimizationStatus (admin.md §2), and after a blank line ours. */
export interface CacheFile {
  FileId: string;
  /** Bytes. */
  FileSize: number;
  /** Bytes on the disk. */
  FileSizeInCache: number;
  /** `Paused`: left half done. */
  Status: 'Downloading' | 'Caching' | 'Paused';
  DownloadMode: DownloadModeName;
  SourceURL: string;
  /** ISO 8601; null: not for its age. */
  ExpireOn: string | null;
  IsPinned: boolean;

  /** Null: its pieces have no digests. */
  HashOfHashes: string | null;
  /** When it was last downloaded, delivered or uploaded; may be behind by an hour. */
  LastUsed: string;
  /** It is in use now, and cannot be deleted. */
  IsBusy: boolean;
}

/** What `POST /v1/cache/expire` takes. */
export interface ExpireRequest {
  /** ISO 8601. */
  ExpireOn: string;
  FileId?: string;
}

/** What `POST /v1/cache/delete` takes. */
export interface DeleteRequest {
  FileId?: string;
  IncludePinned?: boolean;
}

/** What `POST /v1/cache/pin` takes. */
export interface PinRequest {
  FileId: string;
  IsPinned: boolean;
}

/** The files that an order was about. */
export interface CacheFiles {
  Files: CacheFile[];
}

/** What `POST /v1/cache/verify` found. */
export interface CacheCheck {
  /** Files and bytes that were read back. */
  Files: number;
  Bytes: number;
  /** Those with wrong bytes: they are dropped, and fetched again where it is known from where. */
  Corrupt: { FileId: string; SourceURL: string; Pieces: number[]; Refetched: boolean }[];
  /** Those that could not be checked: without digests, or in use. */
  Skipped: number;
}
