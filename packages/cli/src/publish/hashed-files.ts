import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openAtomically } from '../files/atomic-file.ts';
import { statIfThere } from '../files/existing-file.ts';
import { readBounded } from '../files/read-bounded.ts';

/** The state of a file by which a change is seen. Times in ms since 1970. */
export interface FileState {
  size: number;
  mtimeMs: number;
  /** Cannot be set by anybody: a change that hides behind an old mtime shows here. */
  ctimeMs: number;
}

type Row = [size: number, mtimeMs: number, ctimeMs: number, hashOfHashes: string];

const maxFiles = 200_000;
const maxBytes = 128 * 1024 ** 2;
/** The coarsest clock of a file system: a file that was changed so lately may change again unseen. */
const coarseMs = 2_000;

/** Which hash files had that were published, so that they need not be read again. It may be lost at any time. */
export class HashedFiles {
  readonly #file: string;
  /** By absolute path, the one hashed last at the end. */
  readonly #rows: Map<string, Row>;

  private constructor(file: string, rows: Map<string, Row>) {
    this.#file = file;
    this.#rows = rows;
  }

  /** What is no such file counts as none. @throws FileUnreadable */
  static async open(file: string): Promise<HashedFiles> {
    if (!(await statIfThere(file))) return new HashedFiles(file, new Map());
    return new HashedFiles(file, rowsOf(Buffer.from(await readBounded(file, maxBytes)).toString()));
  }

  /** The HashOfHashes of the file, if it is as it was. */
  find(file: string, now: FileState): string | undefined {
    const [size, mtimeMs, ctimeMs, hashOfHashes] = this.#rows.get(path.resolve(file)) ?? [];
    const same = size === now.size && mtimeMs === now.mtimeMs && ctimeMs === now.ctimeMs;
    return same ? hashOfHashes : undefined;
  }

  /** @param state from before it was hashed @param wallMs when that was */
  note(file: string, state: FileState, hashOfHashes: string, wallMs: number): void {
    const at = path.resolve(file);
    this.#rows.delete(at);
    if (wallMs - Math.max(state.mtimeMs, state.ctimeMs) < coarseMs) return;
    this.#rows.set(at, [state.size, state.mtimeMs, state.ctimeMs, hashOfHashes]);
    if (this.#rows.size > maxFiles) this.#rows.delete(this.#rows.keys().next().value!);
  }

  /** @throws TargetUnwritable, DiskFull, SystemError */
  async save(): Promise<void> {
    await mkdir(path.dirname(this.#file), { recursive: true, mode: 0o700 });
    await using written = await openAtomically(this.#file);
    await written.commit(JSON.stringify([...this.#rows]));
  }
}

function rowsOf(text: string): Map<string, Row> {
  try {
    const json: unknown = JSON.parse(text);
    return new Map(Array.isArray(json) ? json.filter(isEntry) : []);
  } catch {
    return new Map();
  }
}

function isEntry(value: unknown): value is [string, Row] {
  if (!Array.isArray(value) || typeof value[0] !== 'string' || !Array.isArray(value[1]))
    return false;
  const [size, mtimeMs, ctimeMs, hashOfHashes] = value[1];
  return [size, mtimeMs, ctimeMs].every(Number.isFinite) && /^[\w+/]{43}=$/.test(hashOfHashes);
}
