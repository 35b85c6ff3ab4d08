import { systemClock, wallTimeOf } from './clock.ts';
import { type CacheNodeOptions, drivesOf, tuningFor } from './options.ts';
import { CacheStore } from './store/cache-store.ts';
import { diskError } from './store/disk-error.ts';

/** The store of a node. @throws CacheBusy, DiskFull, DiskUnwritable, DiskFailed */
export async function openStore(options: CacheNodeOptions): Promise<CacheStore> {
  const { classes = [], logger, clock = systemClock } = options;
  const { maxObjects, pieceSize, files } = tuningFor(options);
  const drives = drivesOf(options);
  try {
    return await CacheStore.open({
      drives,
      classes,
      maxFiles: maxObjects,
      pieceSize,
      files,
      clock,
      wallTime: wallTimeOf(clock),
      failed: (error) => logger?.error({ err: error }, 'a cache folder failed'),
      told: (text, facts) => logger?.warn(facts, text),
    });
  } catch (error) {
    throw diskError(error, drives.map(({ folder }) => folder).join(', '));
  }
}
