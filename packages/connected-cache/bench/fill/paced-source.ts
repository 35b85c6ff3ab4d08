/**
 * An HTTP source as far away and as narrow as the arguments say: each connection brings no more than its
 * share, all together no more than the line, and each request waits a round trip (the first of a
 * connection two). Prints its port; a line on its standard input is answered with what it has sent.
 * Arguments: object bytes, ms of a round trip, bytes/s of a connection, bytes/s of the line.
 */
import { createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { parseRange } from '@sluice/protocol';
import { objectBytes, repeat } from './object-bytes.ts';

const [length = 0, rttMs = 0, perConnection = 0, inAll = 0] = process.argv.slice(2).map(Number);
const tickMs = 4;
/** What a connection may catch up when the machine was late, ms of its rate. */
const burstMs = 40;
/** Bytes that wait in a socket at most: a reader that is slower than its share keeps it waiting. */
const maxWaiting = 1024 * 1024;

class Connection {
  readonly socket: Socket;
  at = 0;
  end = 0;
  credit = 0;
  readonly #questions: string[] = [];
  #text = '';
  #answered = 0;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('error', () => {});
    socket.on('data', (chunk) => this.#onData(chunk.toString('latin1')));
  }

  get busy(): boolean {
    return this.at < this.end && !this.socket.destroyed;
  }

  #onData(text: string): void {
    this.#text += text;
    for (let cut = this.#text.indexOf('\r\n\r\n'); cut >= 0; cut = this.#text.indexOf('\r\n\r\n')) {
      this.#questions.push(this.#text.slice(0, cut));
      this.#text = this.#text.slice(cut + 4);
      if (this.#questions.length === 1) this.#wait();
    }
  }

  #wait(): void {
    setTimeout(() => this.#answer(), this.#answered++ === 0 ? 2 * rttMs : rttMs);
  }

  #answer(): void {
    const question = this.#questions[0]!;
    const header = /^range: *(.*)$/im.exec(question)?.[1];
    const ranges = header === undefined ? undefined : parseRange(header.trim(), length);
    const range = Array.isArray(ranges) ? ranges[0] : undefined;
    const { start, end } = range ?? { start: 0, end: length };
    const status = range ? '206 Partial Content' : '200 OK';
    const part = range ? `Content-Range: bytes ${start}-${end - 1}/${length}\r\n` : '';
    this.socket.write(
      `HTTP/1.1 ${status}\r\nETag: "bench"\r\nCache-Control: max-age=3600\r\n` +
        `Accept-Ranges: bytes\r\nContent-Type: application/octet-stream\r\n` +
        `Last-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\nDate: ${new Date().toUTCString()}\r\n` +
        `${part}Content-Length: ${end - start}\r\n\r\n`,
    );
    this.at = start;
    this.end = question.startsWith('HEAD') ? start : end;
    if (!this.busy) this.finish();
  }

  /** The answer is out: the next question's turn. */
  finish(): void {
    this.#questions.shift();
    if (this.#questions.length > 0) this.#wait();
  }
}

const block = objectBytes(0, repeat + maxWaiting);
const connections = new Set<Connection>();
let sent = 0;
let made = 0;
let line = 0;
let last = performance.now();

function tick(): void {
  const now = performance.now();
  const ms = now - last;
  last = now;
  line = Math.min(line + (inAll * ms) / 1000, (inAll * burstMs) / 1000);
  const busy = [...connections].filter((connection) => connection.busy);
  for (const connection of busy) {
    connection.credit = Math.min(
      connection.credit + (perConnection * ms) / 1000,
      (perConnection * burstMs) / 1000,
    );
  }
  for (let left = busy.length; left > 0; left--) send(busy[left - 1]!, line / left);
  // Whoever was first yesterday is not first for ever.
  const [first] = connections;
  if (first) {
    connections.delete(first);
    connections.add(first);
  }
}

function send(connection: Connection, share: number): void {
  const { socket, at, end, credit } = connection;
  const n = Math.floor(Math.min(credit, share, end - at, maxWaiting - socket.writableLength));
  if (n <= 0) return;
  const from = at % repeat;
  socket.write(block.subarray(from, from + n));
  connection.at += n;
  connection.credit -= n;
  line -= n;
  sent += n;
  if (connection.at === end) connection.finish();
}

const server = createServer((socket) => {
  made++;
  const connection = new Connection(socket);
  connections.add(connection);
  socket.on('close', () => connections.delete(connection));
});
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port));
const ticking = setInterval(tick, tickMs);
const input = createInterface(process.stdin);
input.on('line', () => console.log(JSON.stringify({ sent, made })));
input.on('close', () => {
  clearInterval(ticking);
  server.close();
  for (const { socket } of connections) socket.destroy();
});
