import { Agent, request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import type { TestContext } from 'node:test';

/** A request as an attacker writes it. */
export interface Attack {
  /** What is wrong with it, for the message of a failure. */
  name: string;
  path: string;
  method: string;
  headers?: Record<string, string>;
  body?: string | Uint8Array;
}

export interface Answer {
  status: number;
  text: string;
  type: string;
}

/** Asks over connections that are kept: thousands of requests cost little. */
export function apiClient(t: TestContext, base: string, token: string | undefined) {
  const { hostname, port } = new URL(base);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  t.after(() => agent.destroy());
  return ({ path, method, headers, body }: Attack): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const bearer = token === undefined ? {} : { authorization: `Bearer ${token}` };
      // Of a GET or DELETE Node would send a body without its length, and that is the next request.
      const length = body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
      const sent = httpRequest(
        { hostname, port, path, method, agent, headers: { ...bearer, ...headers, ...length } },
        (response) => {
          const { statusCode: status = 0, headers: got } = response;
          const type = got['content-type'] ?? '';
          if (type.startsWith('text/event-stream')) {
            // It never ends.
            response.destroy();
            resolve({ status, text: '', type });
          } else textOf(response).then((text) => resolve({ status, text, type }), reject);
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
}

/** Sends bytes as they are, and gives what comes back until the other end closes, or `enough` of it is there. */
export function rawAnswer(base: string, bytes: string, enough = /\r\n\r\n/): Promise<string> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), hostname, () => socket.write(bytes, 'latin1'));
    let got = '';
    const done = () => {
      socket.destroy();
      resolve(got);
    };
    socket.on('data', (data) => {
      got += data.toString('latin1');
      if (enough.test(got)) done();
    });
    socket.on('end', done);
    socket.on('error', reject);
  });
}
