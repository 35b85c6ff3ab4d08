import { isAscii } from 'node:buffer';
import { type IncomingMessage, type Server, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { type RequestHead, requestHead } from '../http/request-head.ts';
import { bearerOf } from '../identity/device-admission.ts';
import type { AnswerParts, JoinAnswers, SendAnswer, WholeAnswer } from './join-answers.ts';
import { plainLength, type ReadJoin } from './join-bodies.ts';
import { joinPath } from './join-path.ts';

/** Node's listener for new connections, and for what comes by one. */
type Serve = (this: Server, socket: Socket) => void;
type Feed = (chunk: Buffer) => void;

const headsKept = 256;
/** Of a request, so much is looked at, bytes. */
const maxRequest = 8_192;

/**
 * Joins are most of what a cloud is asked. One that is plain and has come in one piece is answered here, without
 * Node's parser, request and response, which cost more than all else of it. All that came in other ways is fed to Node as
 * if this were not here, and so is all behind it, until both agree that a request is over: nothing is read by two.
 */
export class JoinFront {
  readonly server: Server;
  readonly serve: Serve;
  readonly #answers: JoinAnswers;
  readonly #parts: AnswerParts;
  readonly #read: ReadJoin;
  readonly #connections = new Map<Socket, JoinConnection>();
  /** By the length of request and head, as devices have few different ones. */
  readonly #heads: (RequestHead | undefined)[] = Array(headsKept).fill(undefined);

  /** From here on new connections of the app come by. @param app ready, not listening yet */
  constructor(app: FastifyInstance, answers: JoinAnswers, read: ReadJoin, parts: AnswerParts) {
    this.server = app.server;
    this.#answers = answers;
    this.#read = read;
    this.#parts = parts;
    const { server } = this;
    const event = 'setSecureContext' in server ? 'secureConnection' : 'connection';
    this.serve = server.listeners(event).at(-1) as Serve;
    server.removeListener(event, this.serve);
    server.on(event, (socket: Socket) => {
      const connection = new JoinConnection(socket, this);
      this.#connections.set(socket, connection);
      socket.on('close', () => {
        this.#connections.delete(socket);
        connection.closed();
      });
    });
    const closeAll = server.closeAllConnections;
    // It knows of those that Node's parser reads.
    server.closeAllConnections = () => {
      closeAll.call(server);
      for (const socket of this.#connections.keys()) socket.destroy();
    };
    server.prependListener('request', (raw: IncomingMessage, response: ServerResponse) => {
      const connection = this.#connections.get(raw.socket);
      if (connection) response.on('close', () => connection.served(raw));
    });
  }

  /** Joins under way are answered; connections that Node knows nothing of are closed. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.#connections.values(), (connection) => connection.close()));
  }

  /** As `requestHead`. */
  headOf(text: string): RequestHead | undefined {
    const at = text.length % headsKept;
    const known = this.#heads[at];
    if (known && text.startsWith(known.text)) return known;
    const head = requestHead(text);
    if (head) this.#heads[at] = head;
    return head;
  }

  /** @param body ASCII @returns whether it is answered, or will be */
  take(head: RequestHead, body: string, socket: Socket, send: SendAnswer): boolean {
    const { admission } = this.#parts;
    const { method, url, headers } = head;
    if (method !== 'POST' || url !== joinPath) return false;
    if (plainLength(headers, head.bodyLength) === 0 || this.#answers.isForRoute) return false;
    const token = bearerOf(headers.authorization);
    // The gate of devices waits for what is not ready.
    if (admission?.ready(token)) return false;
    const request = this.#read(body);
    if (!request) return false;
    this.#answers.enter({ headers, socket }, send, token)?.answer(request);
    return true;
  }
}

/** One connection: what comes by it is for Node, or a join. */
class JoinConnection {
  readonly #socket: Socket;
  readonly #front: JoinFront;
  /** Node's reader, once it has got something. */
  #feed: Feed | undefined;
  /** Bytes of the request that Node has: so many are still to come, NaN = nobody knows. Undefined: it has none. */
  #theirs: number | undefined;
  /** A join is under way. */
  #isBusy = false;
  #onIdle: (() => void) | undefined;
  /** It has not read its answers. */
  #isFull = false;
  #hasEnded = false;

  constructor(socket: Socket, front: JoinFront) {
    this.#socket = socket;
    this.#front = front;
    // As Node has it between two requests.
    const { keepAliveTimeout } = front.server;
    socket.setTimeout(keepAliveTimeout && keepAliveTimeout + 1_000);
    socket.on('data', this.#onData).on('timeout', this.#onTimeout);
    socket.on('end', this.#onEnd).on('error', this.#onError);
  }

  /** Node has answered. */
  served({ complete }: IncomingMessage): void {
    if (complete && this.#theirs === 0) this.#theirs = undefined;
  }

  /** Node closes it while it has a request. */
  async close(): Promise<void> {
    const idle = () => new Promise<void>((resolve) => (this.#onIdle = resolve));
    if (this.#isBusy) await idle();
    if (this.#theirs !== undefined || this.#socket.closed) return;
    // What was answered is sent to the end.
    this.#socket.destroySoon();
    await idle();
  }

  closed(): void {
    this.#onIdle?.();
  }

  readonly #onData = (chunk: Buffer) => {
    if (this.#isBusy || this.#isFull) {
      // The stream keeps it, and its end behind it.
      this.#socket.pause().unshift(chunk);
    } else if (this.#theirs !== undefined) {
      this.#theirs -= chunk.length;
      this.#feed!(chunk);
    } else if (this.#socket.writable) this.#begin(chunk);
  };

  /** A request begins. */
  #begin(chunk: Buffer): void {
    const text = chunk.toString('latin1', 0, maxRequest);
    const head = this.#front.headOf(text);
    const length = head && head.text.length + head.bodyLength;
    // Others may be no UTF-8.
    if (head && length === chunk.length && length <= maxRequest && isAscii(chunk)) {
      this.#isBusy = true;
      const body = text.slice(head.text.length);
      const send = (answer: WholeAnswer) => this.#answer(answer, head);
      if (this.#front.take(head, body, this.#socket, send)) return;
      this.#isBusy = false;
    }
    this.#theirs = (length ?? Number.NaN) - chunk.length;
    this.#feed ??= this.#attach();
    this.#feed(chunk);
  }

  /** Has Node serve this connection, but by us. */
  #attach(): Feed {
    const socket = this.#socket;
    socket.off('data', this.#onData).off('timeout', this.#onTimeout);
    socket.off('end', this.#onEnd).off('error', this.#onError);
    socket.setTimeout(0);
    this.#front.serve.call(this.#front.server, socket);
    const feed = socket.listeners('data').at(-1) as Feed;
    socket.off('data', feed);
    // That also has Node's parser not read by itself.
    socket.on('data', this.#onData);
    return feed;
  }

  #answer({ status, headers, text, coding, closes }: WholeAnswer, { keepsAlive }: RequestHead) {
    const stays = keepsAlive && !closes;
    let head = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`;
    for (let i = 0; i < headers.length; i += 2) head += `${headers[i]}: ${headers[i + 1]}\r\n`;
    head += `date: ${dateText()}\r\n`;
    const seconds = Math.floor(this.#front.server.keepAliveTimeout / 1000);
    const kept = seconds > 0 ? `keep-alive\r\nkeep-alive: timeout=${seconds}` : 'keep-alive';
    head += `connection: ${stays ? kept : 'close'}\r\n\r\n`;
    const socket = this.#socket;
    const isTaken = !socket.writable || socket.write(head + text, coding);
    this.#isBusy = false;
    if (!stays || this.#hasEnded) socket.destroySoon();
    else if (!isTaken) this.#waitForReader();
    else if (socket.isPaused()) socket.resume();
    this.#onIdle?.();
  }

  /** Who does not read answers gets no more. */
  #waitForReader(): void {
    this.#isFull = true;
    this.#socket.once('drain', () => {
      this.#isFull = false;
      this.#socket.resume();
    });
  }

  readonly #onEnd = () => {
    this.#hasEnded = true;
    if (!this.#isBusy) this.#socket.destroySoon();
  };

  readonly #onTimeout = () => this.#socket.destroy();

  readonly #onError = () => {
    // It is closed then.
  };
}

let dateSecond = 0;
let date = '';

/** Now, as HTTP writes it. */
function dateText(): string {
  const second = Math.floor(Date.now() / 1000);
  if (second !== dateSecond) {
    dateSecond = second;
    date = new Date().toUTCString();
  }
  return date;
}
