import { connect, type Socket } from 'node:net';

/** What was measured; times in ms. */
export interface Measured {
  requests: number;
  p50: number;
  p99: number;
}

/**
 * Posts one request after another on each of some connections, for some seconds. Bare sockets and the
 * least parsing there can be: the client must not be what is measured.
 */
export async function postMany(
  target: URL,
  options: {
    body: (n: number) => string;
    connections: number;
    seconds: number;
    /** Requests a second; without it each is followed by the next at once. */
    most?: number;
  },
): Promise<Measured> {
  const times: number[] = [];
  const end = performance.now() + options.seconds * 1000;
  let n = 0;
  const next = () => requestText(target, options.body(n++));
  const pauseMs = options.most === undefined ? 0 : (1000 * options.connections) / options.most;
  const loops = Array.from({ length: options.connections }, () =>
    postUntil(target, { end, pauseMs }, next, times),
  );
  await Promise.all(loops);
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * times.length)] ?? Number.NaN;
  return { requests: times.length, p50: at(0.5), p99: at(0.99) };
}

function postUntil(
  target: URL,
  { end, pauseMs }: { end: number; pauseMs: number },
  next: () => string,
  times: number[],
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const socket: Socket = connect(Number(target.port), target.hostname);
  socket.setNoDelay(true).setEncoding('latin1');
  let sentAt = 0;
  let received = '';
  const send = () => {
    sentAt = performance.now();
    socket.write(next());
  };
  socket
    .on('connect', send)
    .on('error', reject)
    .on('close', () => resolve());
  socket.on('data', (text: string) => {
    received += text;
    if (!isWhole(received)) return;
    if (!received.startsWith('HTTP/1.1 200')) reject(new Error(received.slice(0, 500)));
    received = '';
    times.push(performance.now() - sentAt);
    const now = performance.now();
    if (now >= end) socket.destroy();
    else if (pauseMs === 0) send();
    else setTimeout(send, Math.max(0, sentAt + pauseMs - now));
  });
  return promise;
}

function requestText(target: URL, body: string): string {
  return `POST ${target.pathname} HTTP/1.1\r\nHost: ${target.host}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function isWhole(answer: string): boolean {
  const head = answer.indexOf('\r\n\r\n');
  if (head < 0) return false;
  const length = /content-length: (\d+)/i.exec(answer)?.[1];
  return answer.length >= head + 4 + Number(length);
}
