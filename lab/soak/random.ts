/** A number from `min` to below `max`. */
export function between(random: () => number, min: number, max: number): number {
  return min + random() * (max - min);
}
