import type { Command } from 'commander';

export const logLevels = ['silent', 'error', 'warn', 'info', 'debug', 'trace'] as const;
export type LogLevel = (typeof logLevels)[number];

/** The value of --log-level, which every command takes, or what this command has without. */
export function logLevelOf(command: Command, fallback: LogLevel): LogLevel {
  return command.optsWithGlobals<{ logLevel?: LogLevel }>().logLevel ?? fallback;
}
