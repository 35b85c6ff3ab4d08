/** One line of the agent's log, as pino writes it. */
export interface LogLine {
  /** ms since 1970. */
  time: number;
  level: number;
  msg: string;
  [name: string]: unknown;
}

/** As pino counts them. */
export const levelNumbers: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
};

/** @returns undefined for what is no such line: cut short by a crash, or not ours. */
export function parseLogLine(text: string): LogLine | undefined {
  try {
    const line = JSON.parse(text) as Partial<LogLine> | null;
    const { time, level, msg } = line ?? {};
    const isOne = typeof time === 'number' && typeof level === 'number' && typeof msg === 'string';
    return isOne ? (line as LogLine) : undefined;
  } catch {
    return undefined;
  }
}

/** `2026-11-26T14:00:00.000Z warn  text name=value …`, without what is the same in all lines. */
export function formatLogLine({ time, level, msg, ...rest }: LogLine): string {
  const name = Object.keys(levelNumbers).findLast((n) => level >= levelNumbers[n]!) ?? 'trace';
  const { pid: _, hostname: __, name: ___, ...facts } = rest;
  const details = Object.entries(facts).map(([key, value]) => `${key}=${textOf(value)}`);
  return [new Date(time).toISOString(), name.padEnd(5), msg, ...details].join(' ');
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return /^\S*$/.test(value) ? value : JSON.stringify(value);
  const { message } = (value ?? {}) as { message?: unknown };
  return typeof message === 'string' ? JSON.stringify(message) : JSON.stringify(value);
}
