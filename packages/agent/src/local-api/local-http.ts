import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http';

/** An agent that does not begin its answer within this is taken for lost. */
const answerMs = 30_000;
/** The status of all downloads that an agent lists is a few MiB. */
const maxReplyBytes = 64 << 20;

export interface Question {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  /** Sent as JSON. */
  body?: unknown;
  signal?: AbortSignal | undefined;
}

/**
 * HTTP over the agent's socket, by `node:http`: a command that only asks the agent for something is
 * over before a larger client would have loaded.
 */
export class LocalHttp {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #asked = new Set<ClientRequest>();
  readonly #socketPath: string;
  /** Who asks, where that is wanted. */
  token: string | undefined;

  constructor(socketPath: string) {
    this.#socketPath = socketPath;
  }

  /** Resolves when the answer begins. @throws the system's error, the reason of `signal`. */
  ask({ method, path, body, signal }: Question): Promise<IncomingMessage> {
    signal?.throwIfAborted();
    return new Promise((resolve, reject) => {
      const asked = request({
        agent: this.#agent,
        socketPath: this.#socketPath,
        method,
        path,
        headers: {
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(this.token === undefined ? {} : { authorization: `Bearer ${this.token}` }),
        },
        ...(signal ? { signal } : {}),
      });
      const limit = setTimeout(
        () => asked.destroy(new Error(`no answer within ${answerMs / 1000} s`)),
        answerMs,
      );
      this.#asked.add(asked);
      asked.on('response', (answer) => {
        clearTimeout(limit);
        resolve(answer);
      });
      asked.on('error', reject);
      asked.on('close', () => {
        clearTimeout(limit);
        this.#asked.delete(asked);
        reject(new Error('closed without an answer'));
      });
      asked.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  /** Ends what is under way, and all connections. */
  close(): void {
    for (const asked of this.#asked) asked.destroy();
    this.#agent.destroy();
  }
}

/** @throws SyntaxError when it is not JSON. */
export async function jsonOf(answer: IncomingMessage): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > maxReplyBytes) throw new SyntaxError('the reply is too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8'));
}
