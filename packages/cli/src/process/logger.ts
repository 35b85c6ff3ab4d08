import { type Logger, pino } from 'pino';
import type { LogLevel } from './log-level.ts';

/**
 * A logger of JSON lines on standard error: standard output is for results. Synchronous, so that
 * nothing is lost when the process ends.
 */
export function openLogger(level: LogLevel): Logger {
  return pino({ name: 'sluice', level }, pino.destination({ fd: 2, sync: true }));
}
