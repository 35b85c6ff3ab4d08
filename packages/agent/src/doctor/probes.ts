import { get as getHttp } from 'node:http';
import { get as getHttps } from 'node:https';
import { connect } from 'node:net';

/** Nothing that is well takes longer, ms. */
const patienceMs = 5_000;

/** Opens a TCP connection and closes it. @throws what keeps it from opening. */
export function tryTcp(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port });
    socket.setTimeout(patienceMs, () => socket.destroy(new Error(`no answer in ${patienceMs} ms`)));
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('error', reject);
  });
}

/** Asks for the first byte of an object. @returns the status code. @throws what keeps it from answering. */
export function askFirstByte(url: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const get = url.startsWith('https:') ? getHttps : getHttp;
    const request = get(url, { headers: { range: 'bytes=0-0' }, timeout: patienceMs }, (answer) => {
      resolve(answer.statusCode ?? 0);
      // One that ignores the range would send it all.
      request.destroy();
    });
    request.once('timeout', () => request.destroy(new Error(`no answer in ${patienceMs} ms`)));
    request.once('error', reject);
  });
}
