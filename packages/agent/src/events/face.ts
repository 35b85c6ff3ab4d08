/**
 * The fourth face of the package: the events that wait on this device, for a command that shows them
 * whether an agent runs or not.
 * @module
 */
import { join } from 'node:path';
import { diskError } from '../store/index.ts';
import { readSegment, segmentsIn } from './segments.ts';
import { readSpoolState, type SpoolState } from './spool-state.ts';

export type { SpoolState };

/** What waits in a data directory, the oldest first. Each is what will be sent. @throws Disk errors */
export async function waitingEvents(
  dataDir: string,
): Promise<{ events: Record<string, unknown>[]; state: SpoolState }> {
  const folder = join(dataDir, 'events');
  try {
    const segments = await segmentsIn(folder);
    const lines = await Promise.all(segments.map(({ name }) => readSegment(join(folder, name))));
    const events = lines.flat().map((line) => JSON.parse(line));
    return { events, state: await readSpoolState(folder) };
  } catch (error) {
    throw diskError(error, folder);
  }
}
