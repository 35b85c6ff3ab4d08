/**
 * A device of `peer.ts`, a process of its own: serves a content from its store, or fetches it from
 * the one peer it is connected to. Told what to do by messages of its parent.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type PeerId, parsePiecesHashFile, pieceCount, pieceLength } from '@sluice/protocol';
import { pino } from 'pino';
import { systemClock } from '../src/clock/system-clock.ts';
import { ContentHub } from '../src/content/content-hub.ts';
import { PieceSink } from '../src/download/piece-sink.ts';
import type { RunSink } from '../src/source/index.ts';
import {
  type ContentEntry,
  createPieceBufferPool,
  createPieceWorker,
  openContentStore,
} from '../src/store/index.ts';
import type { Member } from '../src/swarm/member.ts';
import { openPermit } from '../src/swarm/upload-permit.ts';

/** What the parent asks for; each is answered with one message. */
export type Order =
  | { do: 'serve' }
  | { do: 'connect'; port: number; peerId: PeerId }
  | { do: 'fetch'; keep: boolean }
  | { do: 'used' }
  | { do: 'end' };

/** Pieces asked for at once, as the scheduler does of a fast peer. */
const pipeline = 8;
const never = new AbortController().signal;
const [root = '', phfText = '', self = ''] = process.argv.slice(2);
const { contentLength, pieceSize, hashOfHashes, digests } = parsePiecesHashFile(
  Buffer.from(phfText, 'base64'),
);
const content = { key: hashOfHashes, contentLength, pieceSize, hashOfHashes, digests };
const worker = createPieceWorker();
// As a download has it.
const pool = createPieceBufferPool({ pieceSize, maxBytes: 64 * 1_048_576, maxFull: 16 });
const hub = new ContentHub({
  store: await openContentStore({ root, worker }),
  self,
  listenHost: '127.0.0.1',
  peerPort: 0,
  anyPortIfBusy: false,
  uploads: openPermit,
  network: { own: () => [], restriction: 'none' },
  discovery: undefined,
  clock: systemClock,
  logger: pino({ level: 'silent' }),
});
const shared = hub.share(hashOfHashes);
const peer = Promise.withResolvers<Member>();

/** Bytes land in memory as they would, and go nowhere. */
class Discard implements RunSink {
  readonly #buffer = pool.acquire();
  #at = 0;
  space = () => this.#buffer!.bytes.subarray(this.#at);
  ready = () => Promise.resolve();
  filled(n: number): void {
    this.#at += n;
    if (this.#at === pieceSize) pool.release(this.#buffer!);
  }
}

function keepIn(entry: ContentEntry, piece: number): PieceSink {
  return new PieceSink({
    geometry: content,
    run: { first: piece, count: 1 },
    pool,
    signal: never,
    isWanted: () => true,
    onBytes: () => {},
    onPresent: () => {},
    onWaste: () => {},
    async onPiece(i, buffer) {
      if (!(await entry.writePiece(i, buffer, 0))) throw new Error(`piece ${i} is bad`);
    },
  });
}

async function fetchAll(keep: boolean): Promise<{ seconds: number; cpu: number }> {
  const folder = await mkdtemp(join(root, 'fetch-'));
  const store = await openContentStore({ root: folder, worker });
  const entry = await store.open(content);
  const { connection } = await peer.promise;
  const before = { time: performance.now(), cpu: process.cpuUsage() };
  let next = 0;
  const fetchNext = async () => {
    while (next < pieceCount(content)) {
      const piece = next++;
      const start = piece * pieceSize;
      const sink = keep ? keepIn(entry, piece) : new Discard();
      await connection.fetch({ start, end: start + pieceLength(content, piece) }, sink, never);
      // Not waited for here: the next piece comes while this one is written.
      if (sink instanceof PieceSink) writes.push(sink.finish());
    }
  };
  const writes: Promise<void>[] = [];
  await Promise.all(Array.from({ length: pipeline }, fetchNext));
  await Promise.all(writes);
  const { user, system } = process.cpuUsage(before.cpu);
  const took = { seconds: (performance.now() - before.time) / 1000, cpu: (user + system) / 1e6 };
  await store.close();
  await rm(folder, { recursive: true });
  return took;
}

async function serve(): Promise<{ port: number }> {
  const entry = await hub.store.open(content);
  shared.swarm.setContent({ entry, contentLength, pieceSize, phf: entry.phf()! });
  await hub.listen();
  return { port: hub.peerPort };
}

/** Makes itself known as content-less device and waits until the peer serves it. */
async function connect(port: number, peerId: PeerId): Promise<{ connected: true }> {
  shared.swarm.offer([{ PeerId: peerId, Ip: '127.0.0.1', Port: port, Type: 'LAN', Left: 1 }]);
  await peer.promise;
  return { connected: true };
}

async function obey(order: Order): Promise<object> {
  switch (order.do) {
    case 'serve':
      return serve();
    case 'connect':
      return connect(order.port, order.peerId);
    case 'fetch':
      return fetchAll(order.keep);
    case 'end':
      await worker.close();
      process.exit();
      break;
    case 'used': {
      const { user, system } = process.cpuUsage();
      return { cpu: (user + system) / 1e6, rss: (process.resourceUsage().maxRSS * 1024) / 1e6 };
    }
  }
}

const ignore = () => {};
shared.swarm.watch({
  joined: (member) => member.connection.send({ type: 'interested' }),
  choked: (member, choked) => choked || peer.resolve(member),
  left: ignore,
  hello: ignore,
  has: ignore,
  claimed: ignore,
  released: ignore,
  phf: ignore,
});
process.on('message', (order: Order) => {
  obey(order).then(
    (answer) => process.send!(answer),
    (error: unknown) => {
      throw error;
    },
  );
});
process.send!({ ready: true });
