import { createServer, type Socket } from 'node:net';
import {
  decodeHandshake,
  ExtensionId,
  encodeHandshake,
  encodeHello,
  encodeMessage,
  encodePieceHeader,
  FrameReader,
  handshakeLength,
  type JoinRequest,
  PieceMap,
  parsePiecesHashFile,
  pieceCount,
} from '@sluice/protocol';
import { parseContentPolicyReply } from '@sluice/protocol/schemas';

export interface CorruptPeer extends AsyncDisposable {
  /** Blocks of rubbish sent so far. */
  readonly sentBlocks: number;
}

const defaultPeerId = 'bad'.padEnd(40, '0');

/**
 * A peer that says it has everything, and answers every request with rubbish: joins the array as a
 * seed and speaks the protocol by the book.
 */
export async function startCorruptPeer(options: {
  cloudUrl: string;
  contentUrl: string;
  /** Where it listens and says it is. */
  host?: string;
  peerId?: string;
}): Promise<CorruptPeer> {
  const { host = '127.0.0.1', peerId = defaultPeerId } = options;
  const policy = await content(options);
  const geometry = { ...policy.phf, peerId };
  let sentBlocks = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => {});
    serve(socket, policy.hashOfHashes, geometry, () => sentBlocks++);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const { port } = server.address() as { port: number };
  const request: JoinRequest = {
    ContentId: policy.contentId,
    AltCatalogId: options.contentUrl,
    PeerId: peerId,
    Port: String(port),
    ReportedIp: host,
    Scope: '1',
    Left: '0',
  };
  const joined = await fetch(`${options.cloudUrl}/array/join/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
  });
  if (!joined.ok) throw new Error(`join: ${joined.status} ${await joined.text()}`);
  return {
    get sentBlocks() {
      return sentBlocks;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function content({ cloudUrl, contentUrl }: { cloudUrl: string; contentUrl: string }) {
  const query = new URLSearchParams({ altCatalogId: contentUrl });
  const reply = await fetch(`${cloudUrl}/content//contentpolicy?${query}`);
  const policy = parseContentPolicyReply(await reply.json());
  const phf = await (await fetch(policy.PiecesHashFileCdnUrls[0]!)).bytes();
  return {
    contentId: policy.ContentId,
    hashOfHashes: Buffer.from(policy.HashOfHashes, 'base64'),
    phf: parsePiecesHashFile(phf),
  };
}

function serve(
  socket: Socket,
  swarmHash: Uint8Array,
  geometry: { contentLength: number; pieceSize: number; peerId: string },
  onBlock: () => void,
): void {
  const reader = new FrameReader({
    onMessage(message) {
      if (message.type !== 'request') return;
      const { piece, offset, length } = message;
      socket.write(encodePieceHeader(piece, offset, length));
      socket.write(Buffer.alloc(length, 0x42));
      onBlock();
    },
    onPieceStart: () => {},
    onPieceData: () => {},
    onPieceEnd: () => {},
  });
  let head: Uint8Array = new Uint8Array(0);
  socket.on('data', (chunk) => {
    if (head.length === handshakeLength) return reader.push(chunk);
    head = Buffer.concat([head, chunk]);
    if (head.length < handshakeLength) return;
    const rest = head.subarray(handshakeLength);
    head = head.subarray(0, handshakeLength);
    decodeHandshake(head);
    const { contentLength, peerId } = geometry;
    socket.write(encodeHandshake({ contentLength, swarmHash, peerId }));
    const hello = encodeHello({ features: ['claim'], mayUseHttp: false, listenPort: 0 });
    socket.write(encodeMessage({ type: 'extension', id: ExtensionId.hello, body: hello }));
    const bits = PieceMap.full(pieceCount(geometry)).toBitfield();
    socket.write(encodeMessage({ type: 'bitfield', bits }));
    socket.write(encodeMessage({ type: 'unchoke' }));
    reader.push(rest);
  });
}
