import { paintFor } from './colour.ts';
import { openProgress } from './progress-display.ts';

/**
 * Runs work that goes through a file once, with a bar on a terminal.
 * @param work gets the function to tell how far it is, in bytes.
 */
export async function withHashingProgress<T>(
  options: { wanted: boolean },
  work: (onProgress: (done: number, total: number) => void) => Promise<T>,
): Promise<T> {
  const { stderr } = process;
  const display = await openProgress({ stream: stderr, paint: paintFor(stderr), ...options });
  const start = performance.now();
  try {
    return await work((done, total) => {
      const seconds = (performance.now() - start) / 1000;
      const rate = seconds > 0 ? done / seconds : 0;
      display.update({ done, total, rate, shares: [] }, 'hashing');
    });
  } finally {
    display.stop();
  }
}
