/** Contents on disk: pieces written as they come, kept over crashes, delivered whole. */
export { checkTarget } from './check-target.ts';
export type { ContentDescription } from './content-description.ts';
export type { CachingChange, ContentEntry, WantedRun } from './content-entry.ts';
export { type ContentStore, openContentStore } from './content-store.ts';
export { diskError } from './disk-error.ts';
export type { CachingRecord } from './entry-record.ts';
export { type FileOps, realFiles } from './file-ops.ts';
export { type Confinement, type FileIdentity, holdPlace, inPlace, notOwn } from './held-place.ts';
export {
  createPieceBufferPool,
  type PieceBuffer,
  type PieceBufferPool,
} from './piece-buffer-pool.ts';
export { createPieceWorker } from './piece-worker.ts';
export { RoomWatch } from './room-watch.ts';
export type { SurveyedEntry } from './survey.ts';
export { writeAtomically } from './write-atomically.ts';
