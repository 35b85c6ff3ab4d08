import { type Logger, multistream, pino } from 'pino';
import type { LogFile } from './log-file.ts';
import type { LogLevel } from './log-level.ts';

/**
 * A logger of JSON lines on standard error, and in `file`: standard output is for results. Synchronous,
 * so that nothing is lost when the process ends.
 */
export function openLogger(level: LogLevel, file?: LogFile): Logger {
  const stderr = pino.destination({ fd: 2, sync: true });
  if (!file) return pino({ name: 'sluice', level }, stderr);
  const streams = [stderr, file].map((stream) => ({ stream, level: 'trace' as const }));
  return pino({ name: 'sluice', level }, multistream(streams));
}
