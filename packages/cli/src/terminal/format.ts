const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];

/** Bytes in powers of 1024 with three digits that count: `0 B`, `999 B`, `1.00 KiB`, `64.0 MiB`. */
export function formatBytes(bytes: number): string {
  let value = Math.max(0, bytes);
  let unit = 0;
  // From 999.5 on, three digits would read 1000.
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  if (unit === 0) return `${Math.round(value)} B`;
  const digits = value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${units[unit]}`;
}

/** Bytes per second. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** Seconds as a clock: `0:07`, `12:34`, `1:02:03`; from four days on `5 d`. Unknown: `-:--`. */
export function formatClock(seconds: number | undefined): string {
  if (seconds === undefined || !Number.isFinite(seconds)) return '-:--';
  const whole = Math.max(0, Math.round(seconds));
  if (whole >= 4 * 86_400) return `${Math.round(whole / 86_400)} d`;
  const two = (n: number) => String(n).padStart(2, '0');
  const hours = Math.floor(whole / 3600);
  const minutes = Math.floor(whole / 60) % 60;
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(whole % 60)}`
    : `${minutes}:${two(whole % 60)}`;
}

/** A span of milliseconds for a sentence: `850 ms`, `3.2 s`, `12:34`. */
export function formatElapsed(ms: number): string {
  if (ms < 999.5) return `${Math.round(ms)} ms`;
  if (ms < 99_950) return `${(ms / 1000).toFixed(1)} s`;
  return formatClock(ms / 1000);
}

/** `42 %`, never `100 %` before all is there. */
export function formatPercent(part: number, whole: number): string {
  const percent = whole > 0 ? (part / whole) * 100 : 100;
  return `${Math.floor(Math.min(100, percent))} %`;
}

/** The shares of parts, `33 %`, that add up to 100 %: who lost most by rounding down gets what is left. */
export function formatPercentages(parts: readonly number[]): string[] {
  const total = parts.reduce((sum, n) => sum + n, 0) || 1;
  const shares = parts.map((n) => Math.floor((100 * n) / total));
  const lost = parts.map((n, i) => 100 * n - shares[i]! * total);
  const byLoss = [...lost.keys()].sort((a, b) => lost[b]! - lost[a]!);
  const left = Math.round(lost.reduce((sum, n) => sum + n, 0) / total);
  for (const i of byLoss.slice(0, left)) shares[i]!++;
  return shares.map((n) => `${n} %`);
}
