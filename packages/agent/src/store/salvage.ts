import type { BigIntStats } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { type PieceGeometry, pieceCount } from '@sluice/protocol';
import { sameBoot } from './boot-id.ts';
import { errnoOf } from './disk-error.ts';
import type { EntryPaths } from './entry-paths.ts';
import type { Seal } from './entry-record.ts';
import { findBadPieces } from './find-bad-pieces.ts';
import { type Journal, readJournal } from './journal.ts';
import { sealHolds } from './seal.ts';

/** What the entry is to hold now. */
export interface Wanted {
  geometry: PieceGeometry;
  identity: Buffer;
  boot: Buffer;
  /** 32 bytes per piece, of a verified hash list. */
  digests: Uint8Array | undefined;
  /** Whether the identity says which bytes they are: there are digests or a validator. */
  resumable: boolean;
}

export interface Salvaged {
  journal: Journal;
  /** False when the journal on disk must be written anew. */
  current: boolean;
  /** The seal, when it still holds. */
  seal: Seal | undefined;
}

/**
 * What of an entry on disk may be kept. Claims are believed when they are of this very content and no
 * power loss can have come between journal and data; else each claimed piece is held against its
 * digest; without digests nothing is kept. So bytes of two versions never mix.
 * @returns undefined when the entry must be made anew.
 */
export async function salvage(
  paths: EntryPaths,
  wanted: Wanted,
  seal: Seal | undefined,
  signal: AbortSignal | undefined,
): Promise<Salvaged | undefined> {
  const { geometry, identity, boot, digests } = wanted;
  const stats = await statOf(paths.data);
  if (!stats?.isFile() || stats.size !== BigInt(geometry.contentLength)) return undefined;
  const journal = await readJournal(paths.journal, pieceCount(geometry));
  if (!journal) return undefined;
  const intact = seal === undefined ? undefined : sealHolds(seal, stats);
  const heldSeal = intact ? seal : undefined;
  // The user's file is the same inode and was changed: writing pieces into it would destroy the change.
  if (seal?.linked && !intact) return undefined;
  const onDisk = sameBoot(journal.boot, boot) || heldSeal?.durable === true;
  if (onDisk && intact !== false && wanted.resumable && journal.identity.equals(identity)) {
    const current = sameBoot(journal.boot, boot);
    return { journal: { ...journal, boot }, current, seal: heldSeal };
  }
  if (!digests) return undefined;
  await clearWrongPieces(paths.data, geometry, journal, digests, signal);
  if (seal?.linked && !journal.pieces.complete) return undefined;
  // What was read back after a new start of the machine has reached the disk.
  const durable = heldSeal?.durable || !sameBoot(journal.boot, boot);
  const kept = heldSeal && journal.pieces.complete ? { ...heldSeal, durable } : undefined;
  return { journal: { ...journal, identity, boot }, current: false, seal: kept };
}

async function clearWrongPieces(
  data: string,
  geometry: PieceGeometry,
  { pieces }: Journal,
  digests: Uint8Array,
  signal: AbortSignal | undefined,
): Promise<void> {
  const handle = await open(data, 'r');
  try {
    const bad = await findBadPieces(handle, geometry, pieces, digests, signal);
    for (const p of bad) pieces.clear(p);
  } finally {
    await handle.close();
  }
}

async function statOf(path: string): Promise<BigIntStats | undefined> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
