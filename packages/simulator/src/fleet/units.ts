/** Bytes/s of so many megabits per second. */
export function mbit(n: number): number {
  return n * 125_000;
}
