import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';

/** A source that answers each request with the next of its texts, byte for byte. */
export class ScriptedSource {
  /** The heads of the requests that came, as text. */
  readonly asked: string[] = [];
  #answers: string[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(): Promise<ScriptedSource> {
    const source = new ScriptedSource();
    source.#server.listen(0, '127.0.0.1');
    await once(source.#server, 'listening');
    return source;
  }

  get host(): string {
    return `127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** What the next requests are answered with; a text that ends in `{close}` closes its connection. */
  script(answers: readonly string[]): void {
    this.#answers = [...answers];
    this.asked.length = 0;
  }

  /** Answers that nobody has asked for. */
  get left(): number {
    return this.#answers.length;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await once(this.#server, 'close');
  }

  #serve(socket: Socket): void {
    let text = '';
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      for (let cut = text.indexOf('\r\n\r\n'); cut >= 0; cut = text.indexOf('\r\n\r\n')) {
        this.asked.push(text.slice(0, cut));
        text = text.slice(cut + 4);
        this.#answer(socket);
      }
    });
  }

  #answer(socket: Socket): void {
    const answer = this.#answers.shift();
    if (answer === undefined) socket.destroy();
    else if (answer.endsWith('{close}')) socket.end(answer.slice(0, -'{close}'.length), 'latin1');
    else socket.write(answer, 'latin1');
  }
}
