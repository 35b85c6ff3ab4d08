import { randomBytes } from 'node:crypto';
import { type Clock, type PeerId, sluiceError } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { LocalDiscovery } from '../local-discovery/local-discovery.ts';
import { LocalPeers } from '../local-discovery/local-peers.ts';
import type { ContentStore } from '../store/index.ts';
import type { SwarmNetwork } from '../swarm/admission.ts';
import { PeerListener } from '../swarm/peer-listener.ts';
import { dropMembers } from '../swarm/swarm-gate.ts';
import type { SwarmOptions } from '../swarm/swarm-options.ts';
import { UploadBuffers } from '../swarm/upload-buffers.ts';
import { tellingFirst, type UploadPermit } from '../swarm/upload-permit.ts';
import { KeyedMutex } from './keyed-mutex.ts';
import { Offers } from './offers.ts';
import { SharedContent } from './shared-content.ts';

export interface HubOptions {
  store: ContentStore;
  self: PeerId;
  listenHost: string | undefined;
  peerPort: number;
  /** Take any free port when `peerPort` is in use. */
  anyPortIfBusy: boolean;
  uploads: UploadPermit;
  /** The first bytes of a content went out. */
  onFirstUpload?: () => void;
  network: SwarmNetwork;
  /** Undefined: peers on the local network are not looked for. */
  discovery: LocalDiscovery | undefined;
  clock: Clock;
  logger: Logger;
  /** See `SwarmOptions`. */
  membership?: SwarmOptions['membership'];
  uploadPace?: SwarmOptions['uploadPace'];
}

/** All contents of the device that are shared, and the door through which peers come in. */
export class ContentHub {
  readonly mutex = new KeyedMutex();
  readonly options: HubOptions;
  /** Which complete contents newcomers find here. */
  readonly offers: Offers;
  /** Undefined: peers on the local network are not looked for. */
  readonly localPeers: LocalPeers | undefined;
  readonly #contents = new Map<string, SharedContent>();
  readonly #buffers: UploadBuffers;
  #listener: Promise<PeerListener> | undefined;
  #port = 0;
  #sourceId = 0;

  constructor(options: HubOptions) {
    this.options = options;
    this.offers = new Offers(options.clock);
    this.#buffers = new UploadBuffers(options.clock);
    const { discovery, self, clock, logger } = options;
    const port = () => this.#port;
    this.localPeers =
      discovery && new LocalPeers({ discovery, self, port, clock, randomBytes, logger });
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

  /** DORestrictPeerSelectionBy was changed: everybody is looked at anew. */
  restrictAnew(): void {
    for (const { swarm } of this.#contents.values()) dropMembers(swarm.members);
  }

  find(hashOfHashes: string): SharedContent | undefined {
    return this.#contents.get(hashOfHashes);
  }

  /** The shared content of this HashOfHashes (base64), made when there is none. */
  share(hashOfHashes: string): SharedContent {
    const known = this.#contents.get(hashOfHashes);
    if (known) return known;
    const { self, uploads, uploadPace, membership, clock, logger, network, onFirstUpload } =
      this.options;
    const made: SharedContent = new SharedContent({
      swarmHash: Buffer.from(hashOfHashes, 'base64'),
      self,
      clock,
      logger,
      uploadPace,
      membership,
      listenPort: () => this.#port,
      buffers: this.#buffers,
      uploads: onFirstUpload ? tellingFirst(uploads, onFirstUpload) : uploads,
      nextSourceId: this.nextSourceId,
      network,
      onClosed: () => {
        this.offers.remove(made);
        if (this.#contents.get(hashOfHashes) === made) this.#contents.delete(hashOfHashes);
      },
    });
    this.#contents.set(hashOfHashes, made);
    return made;
  }

  async close(): Promise<void> {
    const listener = await this.#listener?.catch(() => undefined);
    await listener?.close();
    await this.localPeers?.close();
    await Promise.all([...this.#contents.values()].map((c) => c.close()));
  }

  async #openListener(): Promise<PeerListener> {
    const { listenHost: host, peerPort, anyPortIfBusy, clock, logger } = this.options;
    const admit: Parameters<typeof PeerListener.open>[0]['admit'] = async (
      socket,
      handshake,
      rest,
    ) => {
      const key = Buffer.from(handshake.swarmHash).toString('base64');
      const content = this.#contents.get(key);
      if (!content) throw sluiceError('UnknownSwarm');
      await content.swarm.admit(socket, handshake, rest);
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
