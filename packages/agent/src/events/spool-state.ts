import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type FileOps, writeAtomically } from '../store/index.ts';

/** What is remembered of the spool besides its events. Times are ms since 1970. */
export interface SpoolState {
  /** Events that were lost, ever. */
  Dropped: number;
  /** Events that a cloud took, ever. */
  Sent: number;
  LastSentAt: number | null;
  /** Why the last try failed; null: it did not. */
  LastError: string | null;
  LastSnapshotAt: number | null;
}

const none: SpoolState = {
  Dropped: 0,
  Sent: 0,
  LastSentAt: null,
  LastError: null,
  LastSnapshotAt: null,
};

/** A damaged file counts as none: only numbers for people are lost. */
export async function readSpoolState(folder: string): Promise<SpoolState> {
  try {
    const json: Record<string, unknown> = JSON.parse(
      await readFile(join(folder, 'state.json'), 'utf8'),
    );
    const number = (name: 'Dropped' | 'Sent') => (isCount(json[name]) ? json[name] : 0);
    const time = (name: 'LastSentAt' | 'LastSnapshotAt') =>
      isCount(json[name]) ? json[name] : null;
    return {
      Dropped: number('Dropped'),
      Sent: number('Sent'),
      LastSentAt: time('LastSentAt'),
      LastError: typeof json.LastError === 'string' ? json.LastError.slice(0, 1_000) : null,
      LastSnapshotAt: time('LastSnapshotAt'),
    };
  } catch {
    // None yet, or damaged.
    return { ...none };
  }
}

export async function writeSpoolState(
  folder: string,
  state: SpoolState,
  files: FileOps,
): Promise<void> {
  await writeAtomically(join(folder, 'state.json'), `${JSON.stringify(state)}\n`, { files });
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
