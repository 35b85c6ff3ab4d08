import { createHmac, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  decodeChallenge,
  decodeHandshake,
  ExtensionId,
  encodeChallenge,
  encodeHandshake,
  encodeMessage,
  encodeProof,
  FrameReader,
  handshakeLength,
  proofStatement,
} from '@sluice/protocol';

/** As a device keeps it in `session.json`. */
export interface KeptKey {
  Id: string;
  /** base64url */
  Key: string;
}

/** Somebody who speaks the wire well, knows the content, and has these keys of a tenant, or none. */
export class PeerThief {
  /** Bytes of the content that it was given. */
  bytes = 0;
  /** What it was told but a challenge and a proof. */
  readonly told: string[] = [];
  readonly #socket: Socket;
  readonly #keys: readonly KeptKey[];
  readonly #swarmHash: Buffer;
  readonly #self = randomBytes(20).toString('hex');
  readonly #nonce = randomBytes(32);
  readonly #over: Promise<void>;
  readonly #fed = Promise.withResolvers<void>();

  private constructor(socket: Socket, hashOfHashes: string, keys: readonly KeptKey[]) {
    this.#socket = socket.on('error', () => {});
    this.#over = new Promise((resolve) => socket.once('close', () => resolve()));
    this.#keys = keys;
    this.#swarmHash = Buffer.from(hashOfHashes, 'base64');
  }

  /** Calls a device, and waits until it has got a block, or was thrown out. */
  static async visit(
    port: number,
    hashOfHashes: string,
    keys: readonly KeptKey[] = [],
  ): Promise<PeerThief> {
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    const thief = new PeerThief(socket, hashOfHashes, keys);
    thief.#begin();
    await Promise.race([thief.#fed.promise, thief.#over]);
    return thief;
  }

  /** Resolves when the device has thrown it out. */
  async thrownOut(): Promise<void> {
    await this.#over;
  }

  #begin(): void {
    const { peerId, swarmHash } = { peerId: this.#self, swarmHash: this.#swarmHash };
    this.#socket.write(encodeHandshake({ contentLength: 0, swarmHash, peerId }));
    // Without a key it asks straight away.
    if (this.#keys.length === 0) this.#ask();
    let head = Buffer.alloc(0);
    let verifier: string | undefined;
    const reader = new FrameReader({
      onMessage: (message) => {
        if (message.type !== 'extension' || message.id < ExtensionId.challenge) {
          this.told.push(message.type);
          if (message.type === 'unchoke') this.#ask();
        } else if (message.id === ExtensionId.challenge) {
          if (this.#keys.length > 0) this.#prove(message.body.slice(), verifier!);
        } else this.#ask();
      },
      onPieceStart: () => {},
      onPieceData: (view) => {
        this.bytes += view.length;
      },
      onPieceEnd: () => this.#fed.resolve(),
    });
    this.#socket.on('data', (chunk) => {
      if (verifier !== undefined) return reader.push(chunk);
      head = Buffer.concat([head, chunk]);
      if (head.length < handshakeLength) return;
      verifier = decodeHandshake(head.subarray(0, handshakeLength)).peerId;
      reader.push(head.subarray(handshakeLength));
    });
  }

  #prove(challenge: Uint8Array, verifier: string): void {
    const { nonce, keyIds } = decodeChallenge(challenge);
    // It says it has the very keys that it is asked for.
    this.#extension(ExtensionId.challenge, encodeChallenge({ nonce: this.#nonce, keyIds }));
    const key = this.#keys.find(({ Id }) => keyIds.includes(Id)) ?? this.#keys[0]!;
    const keyId = keyIds.includes(key.Id) ? key.Id : keyIds[0]!;
    const facts = {
      ...{ swarmHash: this.#swarmHash, prover: this.#self, verifier },
      ...{ proverNonce: this.#nonce, verifierNonce: nonce },
    };
    const tenant = createHmac('sha256', Buffer.from(key.Key, 'base64url'))
      .update(proofStatement('tenant', facts))
      .digest();
    const proof = encodeProof({ keyId, tenant, group: undefined });
    this.#extension(ExtensionId.proof, proof);
  }

  #ask(): void {
    this.#socket.write(encodeMessage({ type: 'interested' }));
    this.#socket.write(encodeMessage({ type: 'request', piece: 0, offset: 0, length: 16_384 }));
  }

  #extension(id: number, body: Uint8Array): void {
    this.#socket.write(encodeMessage({ type: 'extension', id, body }));
  }
}
