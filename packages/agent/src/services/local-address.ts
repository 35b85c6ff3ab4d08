import { createSocket } from 'node:dgram';
import { isIPv6 } from 'node:net';

/**
 * The address this host uses towards `url`: what others on the same network reach us at. Found by
 * connecting a UDP socket, which sends nothing. Undefined when there is no route.
 */
export async function localAddressTowards(url: string): Promise<string | undefined> {
  const { hostname, port, protocol } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
  try {
    return await new Promise<string | undefined>((resolve) => {
      socket.on('error', () => resolve(undefined));
      socket.connect(Number(port) || (protocol === 'https:' ? 443 : 80), host, (error?: Error) =>
        resolve(error ? undefined : socket.address().address),
      );
    });
  } finally {
    socket.close();
  }
}
