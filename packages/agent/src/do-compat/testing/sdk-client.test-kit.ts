import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

export interface Reply {
  status: number;
  word: string;
  /** The head as it came. */
  head: string;
  body: string;
}

const statusLine = /^HTTP\/1\.1 (\d{3}) ([A-Za-z0-9 ]+)$/;
const replyMs = 5_000;

/** Finds the port as Microsoft's SDK does: the newest file with the name, its first line. */
export function discoverPort(runDir: string): number {
  const files = readdirSync(runDir).filter((name) => name.includes('restport'));
  assert.equal(files.length, 1, 'exactly one port file');
  const path = join(runDir, files[0]!);
  assert.ok(statSync(path).isFile());
  return Number.parseInt(readFileSync(path, 'utf8').split('\n')[0]!, 10);
}

/**
 * A client as strict as Microsoft's SDK: one connection, no slash in front of the target, and whatever
 * would end its process fails the test.
 */
export class SdkClient implements AsyncDisposable {
  readonly #socket: Socket;
  #came = '';
  #wake: () => void = () => {};

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setEncoding('latin1').on('data', (text) => {
      this.#came += text;
      this.#wake();
    });
    socket.on('end', () => this.#wake());
    socket.on('error', () => this.#wake());
  }

  static async connect(port: number, localAddress?: string): Promise<SdkClient> {
    const socket = connect({ host: '127.0.0.1', port, ...(localAddress && { localAddress }) });
    await once(socket, 'connect');
    return new SdkClient(socket);
  }

  /** `download/<method>?<query>` in the SDK's own form. */
  async call(verb: 'GET' | 'POST', method: string, query: Record<string, string> = {}) {
    const items = Object.entries(query).map(([k, v]) => `${k}=${sdkEncode(v)}`);
    const target = `download/${method}${items.length > 0 ? `?${items.join('&')}` : ''}`;
    // Neither a Content-Length nor a port in Host.
    return await this.raw(
      `${verb} ${target} HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: DO-SDK-CPP\r\n\r\n`,
    );
  }

  /** The values of a call that must go well. */
  async ok(verb: 'GET' | 'POST', method: string, query: Record<string, string> = {}) {
    const reply = await this.call(verb, method, query);
    assert.equal(reply.status, 200, reply.body);
    return JSON.parse(reply.body) as Record<string, string>;
  }

  /** Status and code of a call that must fail. */
  async fails(verb: 'GET' | 'POST', method: string, query: Record<string, string> = {}) {
    return failure(await this.call(verb, method, query));
  }

  send(text: string): void {
    this.#socket.write(text, 'latin1');
  }

  async raw(text: string): Promise<Reply> {
    this.send(text);
    return await this.reply();
  }

  /** The next reply, to its last byte and not one more. */
  async reply(): Promise<Reply> {
    await this.#until(() => this.#came.includes('\r\n\r\n'));
    const headEnd = this.#came.indexOf('\r\n\r\n') + 4;
    const head = this.#came.slice(0, headEnd);
    const [, status, word] = statusLine.exec(head.split('\r\n')[0]!) ?? assert.fail(head);
    const length = Number(/\r\nContent-Length: (\d+)\r\n/.exec(head)?.[1] ?? 0);
    assert.ok(head.split('Content-Length').length <= 2, 'Content-Length stands once');
    assert.doesNotMatch(head, /chunked/i);
    assert.ok(headEnd + length <= 2048, 'a reply may have 2048 bytes');
    await this.#until(() => this.#came.length >= headEnd + length);
    const body = Buffer.from(this.#came.slice(headEnd), 'latin1').toString('utf8');
    assert.equal(this.#came.length, headEnd + length, 'bytes after the reply');
    this.#came = '';
    return { status: Number(status), word: word!, head, body };
  }

  /** Nothing has come, and by what other connections have been told meanwhile, nothing will. */
  get isSilent(): boolean {
    return this.#came === '' && !this.#socket.destroyed;
  }

  async closed(): Promise<void> {
    if (!this.#socket.destroyed) await once(this.#socket, 'close');
  }

  reset(): void {
    this.#socket.resetAndDestroy();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.destroy();
    await this.closed();
  }

  async #until(isThere: () => boolean): Promise<void> {
    while (!isThere()) {
      if (this.#socket.readableEnded || this.#socket.errored) assert.fail(`closed: ${this.#came}`);
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      this.#wake = resolve;
      const limit = setTimeout(() => reject(new Error(`no reply: ${this.#came}`)), replyMs);
      await promise.finally(() => clearTimeout(limit));
    }
  }
}

export function failure({ status, word, body }: Reply): [number, string, number] {
  const code = /^\{ "ErrorCode": (-?\d+) \}$/.exec(body)?.[1];
  assert.ok(code, `no error body: ${body}`);
  return [status, word, Number(code)];
}

/** The SDK encodes a little more than RFC 3986 asks, and leaves other signs alone. */
function sdkEncode(value: string): string {
  return [...Buffer.from(value)]
    .map((byte) => {
      const sign = String.fromCharCode(byte);
      const isPlain = /[A-Za-z0-9\-._~!$'()*,/:@?]/.test(sign);
      return isPlain ? sign : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');
}
