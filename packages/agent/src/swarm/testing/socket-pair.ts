import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { SwarmSocket } from '../swarm-socket.ts';

export interface SocketPair extends AsyncDisposable {
  dialled: SwarmSocket;
  accepted: SwarmSocket;
}

const never = new AbortController().signal;

/**
 * A real connection over loopback.
 * @param events the accepting side gets its bytes by 'data' events.
 */
export async function socketPair(events = false): Promise<SocketPair> {
  const server = createServer({ pauseOnConnect: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const arrived = once(server, 'connection');
  const dialled = await SwarmSocket.dial('127.0.0.1', port, never);
  const [raw] = (await arrived) as [Socket];
  server.close();
  const accepted = SwarmSocket.accept(raw, events ? () => undefined : undefined);
  return {
    dialled,
    accepted,
    async [Symbol.asyncDispose]() {
      dialled.destroy();
      accepted.destroy();
      await Promise.all([dialled.gone, accepted.gone]);
    },
  };
}
