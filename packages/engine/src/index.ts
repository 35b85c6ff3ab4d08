/**
 * Decisions only: which pieces next and from which source, whom to upload to, and why. Pure state
 * machines that hear events and take the time as an argument: no sockets, files, timers, randomness.
 *
 * @example
 * const scheduler = new Scheduler({ pieceCount: 64, pieceSize: 1 << 20, have, self, salt, random, foreground: false });
 * scheduler.handle({ type: 'sourceAdded', source: { id: 1, kind: 'http', maxFetches: 4 } }, now);
 * for (const action of scheduler.decide(now).actions) perform(action);
 * @module
 */

export * from './cache/index.ts';
export { Choker, type ChokerOptions, crossingMs } from './choker.ts';
export { crowdRoom, crowdSize, gatherMs } from './crowd.ts';
export type {
  Action,
  Fault,
  FetchId,
  OriginKind,
  Reason,
  SchedulerEvent,
  SourceId,
  SourceSpec,
} from './events.ts';
export * from './gates/index.ts';
export { Goodput } from './goodput.ts';
export { type CacheHostPlace, cacheHostPlaces } from './policy/cache-host-places.ts';
export { modeOfSetting, type SettledMode, settleMode } from './policy/effective-mode.ts';
export { type GroupPlace, groupPlaces } from './policy/group-places.ts';
export { BandwidthEstimate } from './rate/bandwidth-estimate.ts';
export { DelayControl } from './rate/delay-control.ts';
export {
  downloadLimit,
  followsDelay,
  followsHours,
  isLimited,
  type LimitMoment,
  type LimitSettings,
  needsBandwidth,
  type TrafficClass,
  uploadLimit,
} from './rate/rate-limits.ts';
export { TokenBucket } from './rate/token-bucket.ts';
export { type Decision, Scheduler } from './scheduler.ts';
export type { SchedulerOptions } from './scheduler-options.ts';
export { UploadSlots } from './upload-slots.ts';
export { DecisionLog, type Tally } from './why/decision-log.ts';
export type { DecisionRecord, SourceName, Weighed } from './why/decision-record.ts';
export { RuleBook, type RuleBookEntry } from './why/rule-book.ts';
export type { RuledOut } from './why/ruled-out.ts';
export type { SourceView } from './why/source-view.ts';
