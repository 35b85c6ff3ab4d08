/** 0, 1, 2, … between calls; as long as the longest list that was asked for. */
let order = new Uint32Array(0);
/** With what the first places changed theirs, in the call that runs. */
let changed = new Uint32Array(0);

/** Of the numbers below `end` up to `most` in uniformly random order. Costs O(most). */
export function randomOf(end: number, most: number, random: () => number): number[] {
  const count = Math.min(end, most);
  if (order.length < end) {
    order = Uint32Array.from({ length: 2 * end }, (_, i) => i);
    changed = new Uint32Array(2 * end);
  }
  // The start of a Fisher–Yates shuffle that is undone.
  const drawn: number[] = [];
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(random() * (end - i));
    drawn.push(order[j]!);
    order[j] = order[i]!;
    changed[i] = j;
  }
  for (let i = 0; i < count; i++) {
    const j = changed[i]!;
    order[j] = j;
  }
  return drawn;
}
