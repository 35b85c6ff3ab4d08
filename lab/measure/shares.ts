/** Each part of the sum of all, 0 to 1; zeros when there is nothing. */
export function sharesOf(parts: readonly number[]): number[] {
  const all = parts.reduce((sum, part) => sum + part, 0);
  return parts.map((part) => (all > 0 ? part / all : 0));
}

/** Whether no share is further from an equal one than `tolerance` (0 to 1) of it. */
export function areEven(shares: readonly number[], tolerance: number): boolean {
  const equal = 1 / shares.length;
  return shares.every((share) => Math.abs(share - equal) <= equal * tolerance + 1e-9);
}
