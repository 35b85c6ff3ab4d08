import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { createPiecesHashFile } from '@sluice/agent';
import { connectLocalApi } from '@sluice/agent/local-api';
import {
  type DownloadStatus,
  formatPiecesHashFile,
  isFinalState,
  isSluiceError,
  type PiecesHashFile,
  sluiceError,
} from '@sluice/protocol';
import { postContent } from '../publish/post-content.ts';
import { registerDemoNode } from './demo-console.ts';
import { type DemoSource, startDemoSource } from './demo-source.ts';
import { ServerProcess } from './server-process.ts';

const contentName = 'demo.bin';
/** Flags for agents of a demonstration: peers are used whatever this machine is and however small the file. */
export const ungated = [
  'DOMinFileSizeToCache=0',
  'DOMinRAMAllowedToPeer=0',
  'DOMinDiskSizeAllowedToPeer=0',
  'DOAllowVPNPeerCaching=1',
  'DOMinBatteryPercentageAllowedToUpload=1',
].flatMap((setting) => ['--set', setting]);
/** While a device is away (it is being started again), its agent is looked for so often. */
const reconnectMs = 50;

/** One device of the fleet: an agent in a process of its own. */
export interface Device {
  /** From 1. */
  readonly number: number;
  readonly dataDir: string;
  readonly output: string;
  server: ServerProcess;
}

export interface FleetOptions {
  /** Everything is put in here. */
  folder: string;
  /** The file that all devices shall get. */
  file: string;
  devices: number;
  /** Of the HTTP source, bytes/s; no limit if undefined. */
  sourceRate?: number;
  /** More flags of the cloud. */
  cloudFlags?: string[];
  /** The cache node is registered at the cloud, which then knows how it is. */
  register?: boolean;
  /** Where devices reach the cloud, when not at its own address: something stands in front of it. */
  front?: (cloudUrl: string) => Promise<string>;
  log: (line: string) => void;
}

/** A cloud, an HTTP source, a cache node and devices, each a real process, all on loopback. */
export class DemoFleet implements AsyncDisposable {
  readonly source: DemoSource;
  readonly cloud: ServerProcess;
  readonly cacheNode: ServerProcess;
  /** Where devices reach the cloud. */
  cloudUrl: string;
  /** Of the file. */
  contentId = '';
  readonly devices: Device[] = [];
  readonly #options: FleetOptions;

  private constructor(
    options: FleetOptions,
    parts: { source: DemoSource; cloud: ServerProcess; cacheNode: ServerProcess },
  ) {
    this.#options = options;
    this.source = parts.source;
    this.cloud = parts.cloud;
    this.cacheNode = parts.cacheNode;
    this.cloudUrl = String(parts.cloud.ready.Url);
  }

  /** Starts everything and publishes the file. @throws DemoServerFailed, Cancelled. */
  static async start(options: FleetOptions, signal: AbortSignal): Promise<DemoFleet> {
    const { folder, file, log } = options;
    await using stack = new AsyncDisposableStack();
    const source = stack.use(await startDemoSource(file, contentName, options.sourceRate));
    log(`source      ${source.url}`);
    const start = async (args: string[]) => {
      const server = await ServerProcess.start(args, signal);
      stack.defer(() => server.stop());
      return server;
    };
    const cloudDir = path.join(folder, 'cloud');
    const startCloud = start([
      ...['cloud', '--listen', '127.0.0.1:0', '--data-dir', cloudDir, '--log-level', 'error'],
      ...(options.cloudFlags ?? []),
    ]);
    const nodeFlags = async () => {
      if (!options.register) return [];
      const url = String((await startCloud).ready.Url);
      return registerDemoNode(url, { folder, adminToken: await adminTokenIn(cloudDir), signal });
    };
    const [cloud, cacheNode, phf] = await Promise.all([
      startCloud,
      nodeFlags().then((flags) =>
        start([
          ...['cache-node', '--listen', '127.0.0.1:0', '--allow', source.host],
          ...['--cache-dir', path.join(folder, 'cache'), '--log-level', 'error'],
          ...flags,
        ]),
      ),
      createPiecesHashFile(file, { signal }),
    ]);
    log(`cloud       ${cloud.ready.Url}`);
    log(`cache node  ${cacheNode.ready.Url}`);
    const fleet = new DemoFleet(options, { source, cloud, cacheNode });
    stack.defer(() => fleet.#stopDevices());
    fleet.cloudUrl = (await options.front?.(fleet.cloudUrl)) ?? fleet.cloudUrl;
    await fleet.#publish(cloudDir, phf, signal);
    const numbers = Array.from({ length: options.devices }, (_, i) => i + 1);
    await Promise.all(numbers.map((number) => fleet.#addDevice(number, signal)));
    fleet.devices.sort((a, b) => a.number - b.number);
    log(`devices     ${options.devices} agents`);
    fleet.#close = stack.move();
    return fleet;
  }

  #close: AsyncDisposableStack | undefined;

  /** Starts the agent of a device (again). */
  async startDevice(number: number, signal: AbortSignal): Promise<ServerProcess> {
    return ServerProcess.start(
      [
        ...['agent', '--data-dir', this.#dataDir(number), '--cloud', this.cloudUrl],
        ...['--cache-host', new URL(String(this.cacheNode.ready.Url)).host],
        ...['--peer-port', '0', '--listen-host', '127.0.0.1', '--log-level', 'error'],
        ...ungated,
      ],
      signal,
    );
  }

  /** Asks a device for the file. @returns the id of the download. */
  async request(device: Device): Promise<string> {
    await using api = await connectLocalApi(device.dataDir);
    if (!api) throw sluiceError('NoAgent', { dataDir: device.dataDir });
    const { Id } = await api.download({ Url: this.source.url, Output: device.output });
    return Id;
  }

  /** Follows a download to its end, over restarts of the device's agent. */
  async follow(
    device: Device,
    id: string,
    onStatus: (status: DownloadStatus) => void,
    signal: AbortSignal,
  ): Promise<DownloadStatus> {
    for (;;) {
      signal.throwIfAborted();
      const last = await this.#followOnce(device, id, onStatus, signal);
      // An abort that nobody asked for is a stopping agent.
      if (last && isFinalState(last.State) && last.State !== 'Aborted') return last;
      await new Promise((resolve) => setTimeout(resolve, reconnectMs));
    }
  }

  async close(): Promise<void> {
    await this.#close?.disposeAsync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #followOnce(
    device: Device,
    id: string,
    onStatus: (status: DownloadStatus) => void,
    signal: AbortSignal,
  ): Promise<DownloadStatus | undefined> {
    await using api = await connectLocalApi(device.dataDir);
    let last: DownloadStatus | undefined;
    try {
      for await (const status of api?.follow(id, signal) ?? []) {
        last = status;
        onStatus(status);
      }
    } catch (error) {
      // The agent was ended under us: looked for again. That it never comes back is the caller's matter.
      signal.throwIfAborted();
      if (!isSluiceError(error, 'AgentLost')) throw error;
    }
    return last;
  }

  async #publish(cloudDir: string, phf: PiecesHashFile, signal: AbortSignal): Promise<void> {
    const token = await adminTokenIn(cloudDir);
    const request = { Urls: [this.source.url], Phf: JSON.parse(formatPiecesHashFile(phf)) };
    const { ContentId } = await postContent(String(this.cloud.ready.Url), token, request, signal);
    this.contentId = ContentId;
    this.#options.log(`published   ${ContentId}`);
  }

  async #addDevice(number: number, signal: AbortSignal): Promise<void> {
    const server = await this.startDevice(number, signal);
    const output = path.join(this.#options.folder, `device-${number}.bin`);
    this.devices.push({ number, dataDir: this.#dataDir(number), output, server });
  }

  async #stopDevices(): Promise<void> {
    await Promise.all(this.devices.map((d) => d.server.stop()));
  }

  #dataDir(number: number): string {
    return path.join(this.#options.folder, `device-${number}`);
  }
}

async function adminTokenIn(cloudDir: string): Promise<string> {
  return (await readFile(path.join(cloudDir, 'admin-token'), 'utf8')).trim();
}
