import { setTimeout as pause } from 'node:timers/promises';

/** What takes longer never comes: the test fails rather than hangs. */
const patienceMs = 60_000;

/**
 * Resolves when `condition` holds; looked at each millisecond, not each turn of the event loop: who spins
 * takes the core from the very work that is waited for.
 */
export async function until(condition: () => boolean): Promise<void> {
  const giveUpAt = performance.now() + patienceMs;
  while (!condition()) {
    if (performance.now() > giveUpAt) throw new Error(`it never came to: ${condition}`);
    await pause(1);
  }
}
