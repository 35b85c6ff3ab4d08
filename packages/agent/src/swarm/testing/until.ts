import { setImmediate as turn } from 'node:timers/promises';

/** What takes longer never comes: the test fails rather than hangs. */
const patienceMs = 20_000;

/** Resolves when `condition` holds; looked at after each turn of the event loop. */
export async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`it never came to: ${condition}`);
    await turn();
  }
}
