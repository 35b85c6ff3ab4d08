export type {
  CacheCheck,
  CacheFile,
  CacheFiles,
  DeleteRequest,
  ExpireRequest,
  PinRequest,
} from './cache-file.ts';
export type { CheckResult, DoctorCheck, DoctorReport } from './doctor.ts';
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
export type { FilePeers, MonthSnap, PeerInfo, PerfSnap } from './snapshots.ts';
export { type SourceClass, sourceClasses } from './source-class.ts';
