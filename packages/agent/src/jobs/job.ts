import type { DownloadRequest } from '@sluice/protocol';

/** What the publisher said of a content, over an authenticated channel. */
export interface TrustedContent {
  /** Base64. */
  HashOfHashes: string;
  ContentId: string;
}

/** A download that outlives the process: on disk before its caller hears that it was accepted. */
export interface Job {
  Id: string;
  Request: DownloadRequest;
  /** The file has been put where the caller wants it; the content is only shared since. */
  Delivered: boolean;
  /** Known since the cloud told it, so that a later start does without the cloud. */
  Trusted?: TrustedContent;
}

/** @returns undefined when `value` is not a job. */
export async function asJob(value: unknown): Promise<Job | undefined> {
  // Loaded when there is a job: it takes longer than a small download.
  const { isJob } = await import('./job-schema.ts');
  return isJob(value) ? value : undefined;
}
