import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  encodeHandshake,
  encodeMessage,
  encodePieceHeader,
  FrameReader,
  handshakeLength,
  type SwarmMessage,
} from '@sluice/protocol';
import { peerId } from './device.ts';
import { until } from './until.ts';

/** What a well-behaved peer of the test devices begins with. */
export function handshakeOf(id: number, hash = 7): Uint8Array {
  const swarmHash = new Uint8Array(32).fill(hash);
  return encodeHandshake({ contentLength: 0, swarmHash, peerId: peerId(id) });
}

/** A peer on a bare socket, that can say anything. */
export class RawPeer {
  readonly socket: Socket;
  /** What came, after the handshake. */
  readonly messages: SwarmMessage[] = [];
  readonly blocks: { piece: number; offset: number; bytes: Buffer }[] = [];
  isOver = false;
  greeted = false;
  #head = Buffer.alloc(0);
  #parts: Buffer[] = [];
  readonly #reader: FrameReader;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('error', () => {});
    socket.on('close', () => {
      this.isOver = true;
    });
    socket.on('data', (chunk) => this.#onData(chunk));
    this.#reader = new FrameReader({
      onMessage: (m) => {
        // The views hold for this call only.
        if (m.type === 'bitfield') this.messages.push({ ...m, bits: m.bits.slice() });
        else if (m.type === 'extension') this.messages.push({ ...m, body: m.body.slice() });
        else this.messages.push(m);
      },
      onPieceStart: (piece, offset) => {
        this.blocks.push({ piece, offset, bytes: Buffer.alloc(0) });
      },
      onPieceData: (view) => this.#parts.push(Buffer.from(view)),
      onPieceEnd: () => {
        this.blocks.at(-1)!.bytes = Buffer.concat(this.#parts);
        this.#parts = [];
      },
    });
  }

  static async connect(port: number, host = '127.0.0.1'): Promise<RawPeer> {
    const socket = connect({ port, host, noDelay: true });
    const made = new RawPeer(socket);
    await once(socket, 'connect');
    return made;
  }

  /** Connects, and shakes hands. */
  static async join(port: number, id: number): Promise<RawPeer> {
    const peer = await RawPeer.connect(port);
    await peer.write(handshakeOf(id));
    await until(() => peer.greeted || peer.isOver);
    return peer;
  }

  /** Resolves when the bytes are written, or the connection is over. */
  async write(...parts: Uint8Array[]): Promise<void> {
    await new Promise<void>((resolve) => this.socket.write(Buffer.concat(parts), () => resolve()));
  }

  async say(...messages: SwarmMessage[]): Promise<void> {
    await this.write(...messages.map(encodeMessage));
  }

  /** Sends a block. */
  async give(piece: number, offset: number, bytes: Uint8Array): Promise<void> {
    await this.write(encodePieceHeader(piece, offset, bytes.length), bytes);
  }

  /** Resolves with the first message of the type, once it came. */
  async heard<T extends SwarmMessage['type']>(type: T): Promise<SwarmMessage & { type: T }> {
    const find = () => this.messages.find((m): m is SwarmMessage & { type: T } => m.type === type);
    await until(() => find() !== undefined || this.isOver);
    const found = find();
    if (!found) throw new Error(`the connection ended before ${type} came`);
    return found;
  }

  /** Resolves when the other side has dropped us. */
  async dropped(): Promise<void> {
    await until(() => this.isOver);
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.dropped();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #onData(chunk: Buffer): void {
    if (this.greeted) {
      this.#reader.push(chunk);
      return;
    }
    this.#head = Buffer.concat([this.#head, chunk]);
    if (this.#head.length < handshakeLength) return;
    this.greeted = true;
    this.#reader.push(this.#head.subarray(handshakeLength));
  }
}
