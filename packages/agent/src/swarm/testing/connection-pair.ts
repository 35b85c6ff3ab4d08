import { setImmediate as turn } from 'node:timers/promises';
import {
  ManualClock,
  type PieceGeometry,
  PieceMap,
  pieceCount,
  pieceLength,
  type SwarmMessage,
} from '@sluice/protocol';
import type { Block } from '../block-requests.ts';
import type { BlockPart } from '../outbox.ts';
import { PeerConnection } from '../peer-connection.ts';
import type { SwarmSocket } from '../swarm-socket.ts';
import { UploadBuffers } from '../upload-buffers.ts';
import { UploadQueue } from '../upload-queue.ts';
import { socketPair } from './socket-pair.ts';
import { until } from './until.ts';

export interface PairOptions {
  /** Bytes; 1 MiB if not given. */
  pieceSize?: number;
  /** How the side that fetches came to its connection; `events`: accepted, and read by 'data' events. */
  fetching?: 'dialled' | 'accepted' | 'events';
}

/** Two connected peers, of which one serves a content to the other as a swarm would. */
export interface ConnectionPair extends AsyncDisposable {
  readonly clock: ManualClock;
  readonly fetcher: PeerConnection;
  readonly server: PeerConnection;
  readonly uploads: UploadQueue;
  readonly buffers: UploadBuffers;
  /** What the serving side was told, requests and cancels included. */
  readonly told: SwarmMessage[];
  /** Why either side was ended. */
  readonly ended: { fetcher?: unknown; server?: unknown };
  /** Set: called in place of serving a request. */
  onRequest: ((request: Block) => void) | undefined;
  /** Set: called in place of sending a part. */
  onPart: ((part: BlockPart, done: (sent: boolean) => void) => void) | undefined;
}

const peerIds = { fetcher: 'f'.repeat(40), server: '5'.repeat(40) };

/** @param bytes the content that is served. */
export async function connectionPair(
  bytes: Uint8Array,
  { pieceSize = 1_048_576, fetching = 'dialled' }: PairOptions = {},
): Promise<ConnectionPair> {
  const sockets = await socketPair(fetching === 'events');
  const [mine, theirs] =
    fetching === 'dialled'
      ? [sockets.dialled, sockets.accepted]
      : [sockets.accepted, sockets.dialled];
  const content: PieceGeometry = { contentLength: bytes.length, pieceSize };
  const clock = new ManualClock();
  const connect = (socket: SwarmSocket, role: 'fetcher' | 'server') =>
    new PeerConnection({
      socket,
      peerId: peerIds[role],
      incoming: socket === sockets.accepted,
      geometry: () => content,
      clock,
      onMessage: (message) => (role === 'server' ? onMessage(message) : undefined),
      onClosed: (error) => {
        pair.ended[role] = error;
        if (role === 'server') pair.uploads.close();
      },
    });
  const server = connect(theirs, 'server');
  const buffers = new UploadBuffers(clock);
  const uploads = new UploadQueue({
    buffers,
    clock,
    have: PieceMap.full(pieceCount(content)),
    pieceLength: (piece) => pieceLength(content, piece),
    async read(piece, offset, target) {
      // As a disk does, it takes its time.
      await turn();
      const start = piece * pieceSize + offset;
      target.set(bytes.subarray(start, start + target.length));
    },
    send: (part, done) => (pair.onPart ?? server.sendPart.bind(server))(part, done),
    onSent: () => {},
    onSentAll: () => {},
    onStalled: () => server.destroy(),
    onFault: (error) => server.destroy(error as Error),
  });
  const onMessage = (message: SwarmMessage) => {
    pair.told.push(message);
    if (message.type === 'cancel') uploads.cancel(message);
    if (message.type !== 'request') return;
    if (pair.onRequest) pair.onRequest(message);
    else uploads.request(message);
  };
  const pair: ConnectionPair = {
    clock,
    fetcher: connect(mine, 'fetcher'),
    server,
    uploads,
    buffers,
    told: [],
    ended: {},
    onRequest: undefined,
    onPart: undefined,
    async [Symbol.asyncDispose]() {
      await sockets[Symbol.asyncDispose]();
      await until(() => uploads.idle);
    },
  };
  pair.fetcher.start(new Uint8Array(0));
  pair.server.start(new Uint8Array(0));
  return pair;
}
