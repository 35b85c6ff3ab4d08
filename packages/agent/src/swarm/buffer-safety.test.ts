import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { encodePieceHeader } from '@sluice/protocol';
import fc from 'fast-check';
import type { RunSink } from '../source/index.ts';
import { type ConnectionPair, connectionPair } from './testing/connection-pair.ts';
import { contentOf } from './testing/device.ts';
import { until } from './testing/until.ts';

const pieceSize = 65_536;
const count = 8;
const bytes = contentOf(count);
const sentinel = 0xa5;

/** A buffer of a pool: once given back it belongs to somebody else, who wrote `sentinel` all over it. */
class LentBuffer implements RunSink {
  readonly memory = new Uint8Array(new SharedArrayBuffer(pieceSize));
  at = 0;
  space = () => this.memory.subarray(this.at);
  ready = () => Promise.resolve();
  filled(n: number): void {
    this.at += n;
  }
  giveBack(): void {
    this.memory.fill(sentinel);
  }
  get untouched(): boolean {
    return this.memory.every((byte) => byte === sentinel);
  }
}

/** What happens to one fetch: so much of its block comes, it is aborted or not, the rest comes. */
const fate = fc.record({
  piece: fc.nat(count - 2),
  first: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: pieceSize - 1 })),
  abort: fc.boolean(),
  turns: fc.nat(3),
  /** The peer stays silent until the clock has it dropped, or closes. */
  end: fc.constantFrom('rest', 'rest', 'rest', 'silence', 'close'),
});
type Fate = typeof fate extends fc.Arbitrary<infer T> ? T : never;

/** @returns the buffer, given back at the moment the fetch settled. */
async function live(pair: ConnectionPair, { piece, first, abort, turns, end }: Fate) {
  const lent = new LentBuffer();
  const control = new AbortController();
  const range = { start: piece * pieceSize, end: (piece + 1) * pieceSize };
  const asked = pair.told.length;
  let settled = false;
  const fetched = pair.fetcher
    .fetch(range, lent, control.signal)
    .then(
      () => assert.ok(Buffer.from(lent.memory).equals(bytes.subarray(range.start, range.end))),
      () => {},
    )
    .finally(() => {
      settled = true;
      lent.giveBack();
    });
  await until(() => settled || pair.told.slice(asked).some((m) => m.type === 'request'));
  const part = (from: number, to: number, last: boolean) =>
    pair.server.sendPart(
      {
        header: from === 0 ? encodePieceHeader(piece, 0, pieceSize) : undefined,
        content: bytes.subarray(range.start + from, range.start + to),
        last,
      },
      () => {},
    );
  part(0, first, false);
  await until(() => settled || lent.at === first);
  for (let i = 0; i < turns; i++) await turn();
  if (abort) control.abort();
  for (let i = 0; i < turns; i++) await turn();
  if (end === 'silence') pair.clock.advance(200_000);
  if (end === 'close') pair.server.destroy();
  if (end === 'rest') {
    if (first === 0)
      pair.server.sendPart(
        { header: undefined, content: bytes.subarray(range.start, range.end), last: true },
        () => {},
      );
    else part(first, pieceSize, true);
  }
  await fetched;
  return lent;
}

for (const fetching of ['dialled', 'accepted', 'events'] as const) {
  describe(`the buffers of a peer's blocks, ${fetching}`, () => {
    it('are never written to once they were given back', async () => {
      const property = fc.asyncProperty(
        fc.array(fate, { minLength: 1, maxLength: 6 }),
        async (fates) => {
          await using pair = await connectionPair(bytes, { pieceSize, fetching });
          pair.onRequest = () => {};
          const lent: LentBuffer[] = [];
          for (const each of fates) {
            lent.push(await live(pair, each));
            if (pair.fetcher.ending || pair.server.ending) break;
          }
          // Whatever the socket still holds, it is filled now.
          if (!pair.server.ending) {
            pair.server.send({ type: 'extension', id: 99, body: new Uint8Array(200_000) });
            pair.server.send({ type: 'unchoke' });
          }
          for (let i = 0; i < 10; i++) await turn();
          assert.ok(lent.every((buffer) => buffer.untouched));
        },
      );
      await fc.assert(property, { numRuns: 60 });
    });
  });
}
