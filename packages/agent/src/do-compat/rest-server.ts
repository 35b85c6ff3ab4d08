import { createServer, type Server, type Socket } from 'node:net';
import type { Logger } from 'pino';
import { DoError, errorReply, hresults } from './do-error.ts';
import { formatReply } from './format-reply.ts';
import { type Call, parseCall } from './parse-call.ts';
import { type ParsedRequest, parseRequest } from './parse-request.ts';

/** Each client has one. */
const maxConnections = 1_000;
/** How long a client that is refused may still send. */
const lingerMs = 1_000;

type Request = Extract<ParsedRequest, { kind: 'request' }>;

export interface RestServerOptions {
  answer: (call: Call) => Promise<string>;
  /** Whether callers from other than loopback addresses are refused. */
  validatesRemoteAddress: () => boolean;
  logger: Logger;
}

/**
 * Microsoft's REST interface over a socket of its own: `node:http` refuses the request targets of its
 * SDK, which have no slash in front. Connections stay open until the client ends them.
 */
export function createRestServer(options: RestServerOptions): Server {
  /** Who has been served last comes last. */
  const open = new Set<Socket>();
  return createServer({ noDelay: true }, (socket) => {
    // Any user may hold connections without an end; a client of ours whose idle one goes opens another.
    const [idlest] = open;
    if (idlest && open.size >= maxConnections) {
      open.delete(idlest);
      idlest.destroy();
    }
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    new Connection(socket, options, () => {
      if (open.delete(socket)) open.add(socket);
    });
  });
}

class Connection {
  readonly #socket: Socket;
  readonly #options: RestServerOptions;
  readonly #onRequest: () => void;
  #came: Buffer = Buffer.alloc(0);

  constructor(socket: Socket, options: RestServerOptions, onRequest: () => void) {
    this.#socket = socket;
    this.#onRequest = onRequest;
    this.#options = options;
    // Who resets a connection has gone; what was asked goes on.
    socket.on('error', (err) => options.logger.debug({ err }, 'a client of the REST API is gone'));
    socket.on('data', (bytes) => this.#read(bytes as Buffer));
  }

  #read(bytes: Buffer): void {
    this.#came = this.#came.length === 0 ? bytes : Buffer.concat([this.#came, bytes]);
    const parsed = parseRequest(this.#came);
    if (parsed.kind === 'incomplete') return;
    this.#came = Buffer.alloc(0);
    if (parsed.kind === 'malformed') {
      this.#refuse();
      return;
    }
    // One request of a connection at a time: its next one is read when this one is answered.
    this.#socket.pause();
    this.#onRequest();
    void this.#answer(parsed);
  }

  /** What else comes is thrown away: closed with bytes unread, the connection would take the reply along. */
  #refuse(): void {
    this.#socket.removeAllListeners('data').resume();
    this.#socket.setTimeout(lingerMs, () => this.#socket.destroy());
    this.#socket.end(formatReply(400));
  }

  async #answer(request: Request): Promise<void> {
    const reply = await this.#replyTo(request);
    if (this.#socket.destroyed) return;
    this.#socket.write(reply);
    this.#socket.resume();
  }

  async #replyTo({ verb, target, fromWebPage }: Request): Promise<string> {
    try {
      this.#checkCaller();
      // Any page that a user of this device looks at could have files written here else.
      if (fromWebPage) throw new DoError(hresults.invalidArgument, 'a web page');
      return formatReply(200, await this.#options.answer(parseCall(verb, target)));
    } catch (error) {
      this.#options.logger.debug({ err: error, verb }, 'a call of the REST API is refused');
      const { status, body } = errorReply(error);
      return formatReply(status, body);
    }
  }

  #checkCaller(): void {
    const { remoteAddress = '' } = this.#socket;
    if (/^127(\.\d{1,3}){3}$/.test(remoteAddress)) return;
    if (!this.#options.validatesRemoteAddress()) return;
    throw new DoError(hresults.invalidArgument, `a caller from ${remoteAddress}`);
  }
}
