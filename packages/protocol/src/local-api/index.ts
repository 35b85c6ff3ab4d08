export { type DownloadModeName, type DownloadModeNumber, DownloadModes } from './download-modes.ts';
export type { DownloadRequest } from './download-request.ts';
export {
  type AgentStatus,
  type DownloadCounters,
  type DownloadState,
  type DownloadStatus,
  type ErrorReport,
  isFinalState,
} from './download-status.ts';
export type { DownloadWhy } from './download-why.ts';
export type {
  JobFault,
  JobFilter,
  JobProperties,
  JobRange,
  JobState,
  JobStatus,
} from './jobs.ts';
export { type SourceClass, sourceClasses } from './source-class.ts';
