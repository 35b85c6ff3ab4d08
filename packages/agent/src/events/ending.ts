import type { SluiceError } from '@sluice/protocol';

/** How a download ended that is not whole. */
export interface Ending {
  event: 'DownloadPaused' | 'DownloadCanceled' | 'JobError';
  /** `Caller`, `AgentStopped`, or a code of the catalogue of errors. */
  reason: string;
}

/** How a download ended that nobody manages. @param agentStops it was ended with its agent, and may go on. */
export function endingOf(error: SluiceError | undefined, agentStops: boolean): Ending {
  if (agentStops) return { event: 'DownloadPaused', reason: 'AgentStopped' };
  if (!error || error.code === 'Cancelled') return { event: 'DownloadCanceled', reason: 'Caller' };
  return { event: 'JobError', reason: error.code };
}
