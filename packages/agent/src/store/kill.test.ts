import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { pieceCount } from '@sluice/protocol';
import type { ContentEntry } from './content-entry.ts';
import { contentOf, readPiece, storeIn, temporaryFolder } from './store-fixture.ts';

type Message = { opening?: true; recovered?: number[]; written?: number; complete?: true };

/**
 * Runs the writer until it has told `count` pieces, and kills it there; -1 = as soon as it begins to
 * open the entry.
 */
async function writeAndKill(args: string[], count: number) {
  const child = fork(new URL('./kill-writer.ts', import.meta.url), args);
  const written: number[] = [];
  let recovered: number[] | undefined;
  let complete = false;
  child.on('message', (message: Message) => {
    recovered ??= message.recovered;
    if (message.written !== undefined) written.push(message.written);
    complete ||= message.complete === true;
    const reached = recovered ? written.length >= count : count < 0;
    if (reached || complete) child.kill('SIGKILL');
  });
  const [, signal] = await once(child, 'close');
  assert.equal(signal, 'SIGKILL');
  return { written, recovered, complete };
}

const pieceSize = 65_536;
const content = contentOf(80 * pieceSize - 9, pieceSize);
// Kills fall into opening, into the first writes, and into the last.
const counts = [12, -1, 0, 30, 1, 20, 80];

for (const kind of ['verified', 'simple'] as const) {
  test(`killed at many points, a ${kind} entry claims what is on disk and keeps what it told`, async (t) => {
    const root = join(await temporaryFolder(t), 'store');
    const store = await storeIn(t, root);
    const told = new Set<number>();
    let complete = false;
    for (let round = 0; !complete; round++) {
      const args = [root, `${content.bytes.length}`, `${pieceSize}`, `${round}`, kind];
      const result = await writeAndKill(args, counts[round % counts.length]!);
      complete = result.complete;
      if (result.recovered) assert.ok(told.isSubsetOf(new Set(result.recovered)));
      for (const piece of result.written) told.add(piece);
      await checkClaims(await store.open(content[kind]), told);
    }
    assert.ok((await store.open(content[kind])).pieces.complete);
  });
}

/** Every claimed piece is right on disk, every piece told is claimed; closes the entry. */
async function checkClaims(entry: ContentEntry, told: Set<number>): Promise<void> {
  let bytes = 0;
  for (let i = 0; i < pieceCount(content.simple); i++) {
    assert.ok(entry.pieces.has(i) || !told.has(i), `piece ${i} was told and is lost`);
    if (!entry.pieces.has(i)) continue;
    const piece = await readPiece(entry, content, i);
    bytes += piece.length;
    assert.ok(piece.equals(content.bytes.subarray(i * pieceSize, (i + 1) * pieceSize)));
  }
  assert.equal(
    Object.values(entry.recovered).reduce((a, b) => a + b, 0),
    bytes,
  );
  await entry.close();
}
