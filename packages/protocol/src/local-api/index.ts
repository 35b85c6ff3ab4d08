export {
  type DownloadModeName,
  type DownloadModeNumber,
  DownloadModes,
  type DownloadRequest,
  DownloadRequestSchema,
} from './download-request.ts';
export {
  type AgentStatus,
  type DownloadCounters,
  type DownloadState,
  type DownloadStatus,
  type ErrorReport,
  isFinalState,
} from './download-status.ts';
