import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { encodeHandshake, encodeMessage, PieceMap, type PiecesHashFile } from '@sluice/protocol';

/** A peer that has everything, and serves nobody. */
export async function miserlyPeer(phf: PiecesHashFile, contentLength: number) {
  const peerId = 'e'.repeat(40);
  const swarmHash = Buffer.from(phf.hashOfHashes, 'base64');
  const handshake = encodeHandshake({ contentLength, swarmHash, peerId });
  const bits = PieceMap.full(phf.digests.length / 32).toBitfield();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.write(Buffer.concat([handshake, encodeMessage({ type: 'bitfield', bits })]));
    socket.resume();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: Port } = server.address() as AddressInfo;
  return {
    entry: { PeerId: peerId, Ip: '127.0.0.1', Port, Type: 'LAN' as const, Left: 0 },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
