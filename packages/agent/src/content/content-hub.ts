import { type Clock, type PeerId, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { ContentStore } from '../store/index.ts';
import { PeerListener } from '../swarm/peer-listener.ts';
import type { SwarmOptions } from '../swarm/swarm-options.ts';
import { UploadBuffers } from '../swarm/upload-buffers.ts';
import { KeyedMutex } from './keyed-mutex.ts';
import { SharedContent } from './shared-content.ts';

export interface HubOptions {
  store: ContentStore;
  self: PeerId;
  listenHost: string | undefined;
  peerPort: number;
  /** Take any free port when `peerPort` is in use. */
  anyPortIfBusy: boolean;
  clock: Clock;
  logger: Logger;
  /** The limit of uploads to peers of a class. */
  uploads?: SwarmOptions['uploads'];
}

/** All contents of the device that are shared, and the door through which peers come in. */
export class ContentHub {
  readonly mutex = new KeyedMutex();
  readonly options: HubOptions;
  readonly #contents = new Map<string, SharedContent>();
  readonly #buffers: UploadBuffers;
  #listener: Promise<PeerListener> | undefined;
  #port = 0;
  #sourceId = 0;

  constructor(options: HubOptions) {
    this.options = options;
    this.#buffers = new UploadBuffers(options.clock);
  }

  get peerPort(): number {
    return this.#port;
  }

  get store(): ContentStore {
    return this.options.store;
  }

  nextSourceId = (): number => ++this.#sourceId;

  /** Opens the listener unless it is open. @throws ListenFailed: the next call tries again. */
  async listen(): Promise<void> {
    this.#listener ??= this.#openListener();
    try {
      this.#port = (await this.#listener).port;
    } catch (error) {
      this.#listener = undefined;
      throw error;
    }
  }

  find(hashOfHashes: string): SharedContent | undefined {
    return this.#contents.get(hashOfHashes);
  }

  /** The shared content of this HashOfHashes (base64), made when there is none. */
  share(hashOfHashes: string): SharedContent {
    const known = this.#contents.get(hashOfHashes);
    if (known) return known;
    const { self, clock, logger, uploads } = this.options;
    const made: SharedContent = new SharedContent({
      swarmHash: Buffer.from(hashOfHashes, 'base64'),
      self,
      clock,
      logger,
      uploads,
      listenPort: () => this.#port,
      buffers: this.#buffers,
      nextSourceId: this.nextSourceId,
      onClosed: () => {
        if (this.#contents.get(hashOfHashes) === made) this.#contents.delete(hashOfHashes);
      },
    });
    this.#contents.set(hashOfHashes, made);
    return made;
  }

  async close(): Promise<void> {
    const listener = await this.#listener?.catch(() => undefined);
    await listener?.close();
    await Promise.all([...this.#contents.values()].map((c) => c.close()));
  }

  async #openListener(): Promise<PeerListener> {
    const { listenHost: host, peerPort, anyPortIfBusy, clock, logger } = this.options;
    const admit: Parameters<typeof PeerListener.open>[0]['admit'] = (socket, handshake, rest) => {
      const key = Buffer.from(handshake.swarmHash).toString('base64');
      const content = this.#contents.get(key);
      if (!content) throw sluiceError('UnknownSwarm');
      content.swarm.admit(socket, handshake, rest);
    };
    const open = (port: number) => PeerListener.open({ host, port, clock, logger, admit });
    try {
      return await open(peerPort);
    } catch (error) {
      if (!anyPortIfBusy || peerPort === 0) throw error;
      logger.info({ err: error }, 'peer port not free: using another');
      return open(0);
    }
  }
}
