import { cloudTimeoutMs } from './ask-cloud.ts';

/** No cloud is waited for less before bytes come, … ms. */
const leastMs = 150;
/** … and none for longer: one that takes more names peers too late as well. */
export const mostMs = 500;
/** Its answers may take so many times what the source's first took: more round trips, and more work. */
const timesSource = 4;
/** … and so many times what its own usually take: there are several. */
const timesUsual = 4;
/** One whose answers take so long, ms, comes too late whatever is waited: it is not waited for. */
const hopelessMs = 1_500;
/** A timer that comes so late, ms, tells of a machine where everything is late. */
const busyMs = 30;
/** Where less of the processors' time than this is idle, all are late, and are given until the cloud is taken to be away. */
const busyShare = 0.1;

/**
 * How long the cloud may keep silent before a download begins without it. A device that waits loses that
 * time; of a fleet that does not, each device fetches the same first bytes from the source. So it is short
 * only where answers are known to come soon: the source has answered, and the cloud is no slower by habit.
 * @param sourceMs what the source took to answer; undefined = it has not yet.
 * @param usualMs what an answer of the cloud takes as a rule; undefined = not known.
 * @returns milliseconds, from when both were asked.
 */
export function cloudPatienceMs(sourceMs: number | undefined, usualMs = 0): number {
  // That much has passed: to look at what is due before would be to come late.
  if (usualMs >= hopelessMs) return sourceMs ?? leastMs;
  if (sourceMs === undefined) return mostMs;
  return Math.min(mostMs, Math.max(leastMs, timesSource * sourceMs, timesUsual * usualMs));
}

/**
 * The same when a wait until `dueMs` has ended at `nowMs`: on a busy machine the cloud is not to blame, and
 * a fleet that starts on one is.
 * @param idleShare of the machine's processor time meanwhile, 0 to 1.
 * @returns when to look again; not after `nowMs` when it has been silent for long enough.
 */
export function patienceAfter(dueMs: number, nowMs: number, idleShare: number): number {
  if (idleShare < busyShare) return Math.min(cloudTimeoutMs, nowMs + leastMs);
  return nowMs - dueMs > busyMs ? mostMs : dueMs;
}
