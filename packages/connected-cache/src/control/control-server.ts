import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type ErrorReply, sluiceError, toSluiceError } from '@sluice/protocol';
import { sameSecret } from '../pages/page-access.ts';
import type { PreheatOrder } from '../preheat/preheat-job.ts';
import type { Preheater } from '../preheat/preheater.ts';
import { listen } from '../serve/http-server.ts';
import type { NodeStatus } from '../watch/node-status.ts';
import { removeControlFile, writeControlFile } from './control-file.ts';

export interface ControlDeps {
  stateDir: string;
  status(): NodeStatus;
  preheater: Preheater;
}

/** Bytes of an order: 10,000 URLs of usual length. */
const maxBody = 4 * 1024 * 1024;

/**
 * Takes orders on loopback, on a port of its own that clients of the cache do not see, from who has
 * the token of the node's state folder.
 */
export class ControlServer {
  readonly #deps: ControlDeps;
  readonly #token = randomBytes(32).toString('base64url');
  readonly #server: Server;

  constructor(deps: ControlDeps) {
    this.#deps = deps;
    this.#server = createServer((message, response) => void this.#run(message, response));
  }

  /** @throws ListenFailed, and what writing the file throws */
  async open(): Promise<void> {
    const url = await listen(this.#server, { host: '127.0.0.1', port: 0 });
    await writeControlFile(this.#deps.stateDir, { url, token: this.#token });
  }

  async close(): Promise<void> {
    if (!this.#server.listening) return;
    await removeControlFile(this.#deps.stateDir);
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  async #run(message: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(response, 200, await this.#answer(message));
    } catch (cause) {
      const { code, message: text, remedy } = toSluiceError(cause);
      const status = { NotAuthorized: 401, NoSuchResource: 404, TooManyRequests: 429 }[
        code as string
      ];
      const reply: ErrorReply = { Code: code, Message: text, Remedy: remedy };
      send(response, status ?? (code === 'Internal' ? 500 : 400), reply);
    }
  }

  async #answer(message: IncomingMessage): Promise<object> {
    const { method, url = '', headers } = message;
    const given = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1] ?? '';
    if (!sameSecret(given, this.#token)) throw sluiceError('NotAuthorized');
    const { preheater, status } = this.#deps;
    if (method === 'GET' && url === '/status') return status();
    if (method === 'POST' && url === '/preheat') {
      return preheater.begin((await readJson(message)) as PreheatOrder).report();
    }
    const id = /^\/preheat\/([\w-]{1,64})$/.exec(url)?.[1];
    const job = id === undefined ? undefined : preheater.find(id);
    if (!job || (method !== 'GET' && method !== 'DELETE')) throw sluiceError('NoSuchResource');
    if (method === 'DELETE') job.cancel();
    return job.report();
  }
}

async function readJson(message: IncomingMessage): Promise<object> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of message as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBody) throw sluiceError('RequestTooLarge');
    chunks.push(chunk);
  }
  try {
    const value: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below, as for what is no object.
  }
  throw sluiceError('RequestInvalid', { detail: 'no JSON object' });
}

function send(response: ServerResponse, status: number, value: object): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
  });
  response.end(text);
}
