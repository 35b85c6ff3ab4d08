/** 0, 1, 2, … between calls; as long as the longest list that was asked for. */
let order = new Uint32Array(0);

/**
 * Shows the numbers below n in uniformly random order until `visit`, which must not throw or come back here, says
 * false: the start of a Fisher–Yates shuffle that is undone. Costs O(shown).
 */
export function inRandomOrder(
  n: number,
  random: () => number,
  visit: (at: number) => boolean,
): void {
  if (order.length < n) order = Uint32Array.from({ length: 2 * n }, (_, i) => i);
  const moved: number[] = [];
  for (let i = 0; i < n; i++) {
    const j = i + Math.floor(random() * (n - i));
    const at = order[j]!;
    order[j] = order[i]!;
    moved.push(j);
    if (!visit(at)) break;
  }
  for (const j of moved) order[j] = j;
}
