import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { targetError } from './existing-file.ts';

/** A file that is not there under its name before all of it is written. */
export interface AtomicFile {
  /** Writes all of it and gives it its name; what was there until then is replaced. */
  commit(content: string | AsyncIterable<Uint8Array>): Promise<void>;
  /** Removes what was not committed. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Opens a temporary file beside `target`. Doing so before the work starts shows at once when the target
 * cannot be written.
 * @throws TargetUnwritable, DiskFull; so does `commit`.
 */
export async function openAtomically(target: string): Promise<AtomicFile> {
  const random = randomBytes(6).toString('hex');
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${random}`);
  const fail = (error: unknown) => {
    throw targetError(error, target);
  };
  const file = await open(temporary, 'wx').catch(fail);
  return {
    async commit(content) {
      try {
        await file.writeFile(content);
        await file.sync();
        await file.close();
        await rename(temporary, target);
      } catch (error) {
        fail(error);
      }
    },
    async [Symbol.asyncDispose]() {
      await file.close();
      await rm(temporary, { force: true });
    },
  };
}
