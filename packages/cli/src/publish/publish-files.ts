import { stat } from 'node:fs/promises';
import {
  contentIdOf,
  type ErrorReport,
  formatPiecesHashFile,
  type PiecesHashFile,
  type PublishReply,
  type PublishRequest,
  toSluiceError,
} from '@sluice/protocol';
import type { FileToPublish } from './files-to-publish.ts';
import type { HashedFiles } from './hashed-files.ts';
import type { KnownContent } from './known-content.ts';

export type PublishedFile = FileToPublish & {
  outcome:
    | {
        /** `Already`: at this URL, with this hash, for these devices, it was known. */
        status: 'Published' | 'Already';
        contentId: string;
        hashOfHashes: string;
        /** Whose URL it was until now. */
        movedFrom?: string;
      }
    | { status: 'Failed'; error: ErrorReport }
    /** Ended before its turn came, or while it was hashed. */
    | { status: 'NotDone' };
};

export interface PublishParts {
  cloud: {
    /** Undefined: it knows none. */
    find(contentId: string): Promise<KnownContent | undefined>;
    post(request: PublishRequest): Promise<PublishReply>;
  };
  hash(file: string, onBytes: (done: number) => void): Promise<PiecesHashFile>;
  /** Signs it; without, nothing is signed. */
  sign?: ((contentId: string, phf: PiecesHashFile) => PublishRequest['Signature']) | undefined;
  tenant?: string | undefined;
  hashed: HashedFiles;
  /** ms since 1970 */
  wallTime: () => number;
  /** How many files at once. */
  atOnce: number;
  onProgress(done: number, total: number): void;
  signal: AbortSignal;
}

/** Publishes files, several at once; what fails with one does not stop the others. In the order of `files`. */
export async function publishFiles(
  files: readonly FileToPublish[],
  parts: PublishParts,
): Promise<PublishedFile[]> {
  const total = files.reduce((sum, { size }) => sum + size, 0);
  const doneOf = new Map<FileToPublish, number>();
  let done = 0;
  const hasDone = (file: FileToPublish, bytes: number) => {
    done += bytes - (doneOf.get(file) ?? 0);
    doneOf.set(file, bytes);
    parts.onProgress(Math.min(done, total), total);
  };
  const results: PublishedFile[] = [];
  const waiting = files.entries();
  const work = async () => {
    for (const [i, file] of waiting) {
      const onBytes = (bytes: number) => hasDone(file, bytes);
      results[i] = { ...file, outcome: await outcomeOf(file, parts, onBytes) };
      hasDone(file, file.size);
    }
  };
  await Promise.all(Array.from({ length: parts.atOnce }, work));
  return results;
}

async function outcomeOf(
  file: FileToPublish,
  parts: PublishParts,
  onBytes: (done: number) => void,
): Promise<PublishedFile['outcome']> {
  if (parts.signal.aborted) return { status: 'NotDone' };
  try {
    if (file.fault) throw file.fault;
    return (await unread(file, parts)) ?? (await read(file, parts, onBytes));
  } catch (thrown) {
    const { code, message, remedy, exitCode } = toSluiceError(thrown);
    if (code === 'Cancelled') return { status: 'NotDone' };
    const error = { Code: code, Message: message, Remedy: remedy, ExitCode: exitCode };
    return { status: 'Failed', error };
  }
}

/** Without reading the file: as it was when it was published, and the cloud still has that. */
async function unread(
  file: FileToPublish,
  parts: PublishParts,
): Promise<PublishedFile['outcome'] | undefined> {
  // To sign it its hash list is needed.
  if (parts.sign) return undefined;
  const state = await stat(file.path).catch(() => undefined);
  const hashOfHashes = state && parts.hashed.find(file.path, state);
  if (hashOfHashes === undefined) return undefined;
  const contentId = contentIdOf(hashOfHashes);
  const isKnown = await knows(parts, contentId, hashOfHashes, file.url);
  return isKnown ? { status: 'Already', contentId, hashOfHashes } : undefined;
}

async function read(
  file: FileToPublish,
  parts: PublishParts,
  onBytes: (done: number) => void,
): Promise<PublishedFile['outcome']> {
  const { cloud, sign, tenant, hashed } = parts;
  const wallMs = parts.wallTime();
  // Why it cannot be read is told by who reads it.
  const state = await stat(file.path).catch(() => undefined);
  const phf = await parts.hash(file.path, onBytes);
  const { hashOfHashes } = phf;
  const contentId = contentIdOf(hashOfHashes);
  const isKnown = await knows(parts, contentId, hashOfHashes, file.url);
  let moved: PublishReply['MovedUrls'] = [];
  if (!isKnown || sign) {
    const Signature = sign?.(contentId, phf);
    const reply = await cloud.post({
      ...(Signature && { Signature }),
      ...(tenant !== undefined && { Tenant: tenant }),
      Urls: [file.url],
      Phf: JSON.parse(formatPiecesHashFile(phf)),
    });
    moved = reply.MovedUrls;
  }
  if (state) hashed.note(file.path, state, hashOfHashes, wallMs);
  const status = isKnown ? 'Already' : 'Published';
  const [from] = moved;
  return { status, contentId, hashOfHashes, ...(from && { movedFrom: from.FromContentId }) };
}

async function knows(
  { cloud, tenant }: PublishParts,
  contentId: string,
  hashOfHashes: string,
  url: string,
): Promise<boolean> {
  const known = await cloud.find(contentId);
  if (known?.hashOfHashes !== hashOfHashes || !known.urls.includes(url)) return false;
  // A cloud that does not say for whom it is: then it has to be told once more.
  if (!known.tenants) return false;
  return tenant === undefined ? known.tenants.length === 0 : known.tenants.includes(tenant);
}
