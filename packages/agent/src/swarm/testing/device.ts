import {
  formatPiecesHashFile,
  ManualClock,
  type PeerEntry,
  type PeerId,
  PieceMap,
  PiecesHasher,
  pieceCount,
  SluiceError,
} from '@sluice/protocol';
import { pino } from 'pino';
import type { PeerMembership } from '../../identity/peer-membership.ts';
import type { SwarmNetwork } from '../admission.ts';
import { ContentSwarm } from '../content-swarm.ts';
import { PeerListener } from '../peer-listener.ts';
import type { SwarmContent } from '../swarm-options.ts';
import { UploadBuffers } from '../upload-buffers.ts';
import { openPermit, type UploadPermit } from '../upload-permit.ts';

const pieceSize = 65_536;
const swarmHash = new Uint8Array(32).fill(7);

/** The 40 digits of a peer id that ends in `n`. */
export function peerId(n: number): PeerId {
  return n.toString(16).padStart(40, '0');
}

/** A content of `count` pieces of 64 KiB, the last one short, of which no two are alike. */
export function contentOf(count: number): Buffer {
  const bytes = Buffer.alloc(count * pieceSize - 100);
  for (let at = 0; at + 4 <= bytes.length; at += 4)
    bytes.writeInt32LE(Math.imul(at, 2_654_435_761), at);
  return bytes;
}

export interface DeviceOptions {
  id: number;
  clock?: ManualClock;
  /** What it shares; unknown to it if not given. */
  content?: { bytes: Buffer; has: 'all' | 'nothing' };
  host?: string;
  uploads?: UploadPermit;
  /** Its network; without it no addresses are known, and all peers are welcome. */
  network?: Partial<SwarmNetwork>;
  /** Of its tenant; without it anybody is welcome. */
  membership?: PeerMembership;
}

/** A device with one swarm and a real listener, on a clock that stands still. */
export interface Device extends AsyncDisposable {
  readonly id: PeerId;
  readonly clock: ManualClock;
  readonly swarm: ContentSwarm;
  readonly listener: PeerListener;
  readonly buffers: UploadBuffers;
  /** As an array would tell others of it. */
  readonly entry: PeerEntry;
  /** Codes of the errors for which connections were not admitted. */
  readonly refused: string[];
  /** The content becomes known. */
  learn(bytes: Buffer, has: 'all' | 'nothing'): SwarmContent;
}

export async function testDevice({
  id,
  clock = new ManualClock(),
  content,
  host = '127.0.0.1',
  uploads = openPermit,
  network = {},
  membership,
}: DeviceOptions): Promise<Device> {
  const logger = pino({ level: 'silent' });
  const buffers = new UploadBuffers(clock);
  const refused: string[] = [];
  let nextSource = 0;
  const swarm = new ContentSwarm({
    swarmHash,
    self: peerId(id),
    listenPort: () => listener.port,
    clock,
    logger,
    buffers,
    uploads,
    nextSourceId: () => ++nextSource,
    membership,
    network: { own: () => [], restriction: 'none', ...network },
  });
  const listener = await PeerListener.open({
    host,
    port: 0,
    clock,
    logger,
    async admit(socket, handshake, rest) {
      try {
        await swarm.admit(socket, handshake, rest);
      } catch (error) {
        refused.push(error instanceof SluiceError ? error.code : String(error));
        throw error;
      }
    },
  });
  const learn = (bytes: Buffer, has: 'all' | 'nothing') => {
    const known = shareable(bytes, has);
    swarm.setContent(known);
    return known;
  };
  if (content) learn(content.bytes, content.has);
  return {
    id: peerId(id),
    clock,
    swarm,
    listener,
    buffers,
    entry: { PeerId: peerId(id), Ip: host, Port: listener.port, Type: 'LAN', Left: 1 },
    refused,
    learn,
    async [Symbol.asyncDispose]() {
      await listener.close();
      await swarm.close();
    },
  };
}

/** The content as a swarm takes it, kept in memory. */
function shareable(bytes: Buffer, has: 'all' | 'nothing'): SwarmContent {
  const hasher = new PiecesHasher({ pieceSize });
  hasher.update(bytes);
  const count = pieceCount({ contentLength: bytes.length, pieceSize });
  return {
    contentLength: bytes.length,
    pieceSize,
    phf: Buffer.from(formatPiecesHashFile(hasher.finish())),
    entry: {
      pieces: has === 'all' ? PieceMap.full(count) : new PieceMap(count),
      async read(piece, offset, target) {
        const start = piece * pieceSize + offset;
        target.set(bytes.subarray(start, start + target.length));
      },
    },
  };
}
