export type { Clock } from './clock.ts';
export { ManualClock } from './manual-clock.ts';
