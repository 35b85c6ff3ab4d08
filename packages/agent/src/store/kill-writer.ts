/**
 * The process that kill.test.ts kills: opens the entry, writes the pieces it lacks in a shuffled order,
 * several at a time, and tells each one that the store says is written.
 */
import { createPieceBufferPool, createPieceWorker, openContentStore } from './index.ts';
import { contentOf, pieceOf } from './store-fixture.ts';

const [root, length, pieceSize, seed, kind] = process.argv.slice(2) as [
  string,
  string,
  string,
  string,
  'verified' | 'simple',
];
const content = contentOf(Number(length), Number(pieceSize));
process.send?.({ opening: true });
const worker = createPieceWorker();
const store = await openContentStore({ root, worker });
const entry = await store.open(content[kind]);
const recovered = [...Array(entry.pieces.length).keys()].filter((i) => entry.pieces.has(i));
process.send?.({ recovered });

const missing = [...Array(entry.pieces.length).keys()].filter((i) => !entry.pieces.has(i));
let state = Number(seed);
const random = () => {
  state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
  return state / 2 ** 32;
};
missing.sort(() => random() - 0.5);

const pool = createPieceBufferPool({
  pieceSize: Number(pieceSize),
  maxBytes: 8 * Number(pieceSize),
});
await Promise.all(
  missing.map(async (piece) => {
    await pool.whenAvailable();
    const buffer = pool.acquire()!;
    buffer.bytes.set(pieceOf(content, piece).bytes);
    await entry.writePiece(piece, buffer, piece % 5);
    process.send?.({ written: piece });
    pool.release(buffer);
  }),
);
process.send?.({ complete: true });
// Until it is killed.
setInterval(() => {}, 1000);
