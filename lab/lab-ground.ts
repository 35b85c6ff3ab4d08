import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type LabFile, makeLabFile } from './measure/lab-file.ts';
import { LabNetwork } from './network/lab-network.ts';
import type { Link } from './network/link-shape.ts';
import { type Site, type Spot, wanAddress } from './network/site.ts';
import { startNginx } from './servers/nginx.ts';
import type { Ground } from './tools/tool.ts';

const sourcePort = 80;

export interface GroundOptions {
  /** On each site. */
  devices: number;
  /** Bytes. */
  size: number;
  link: Link;
  /** Of further sites. */
  moreLinks?: readonly Link[];
  /** Leave the folder with logs and results there. */
  keep: boolean;
  log: (line: string) => void;
}

/** A site behind a thin link, or several, a source on the WAN, and machines that want its file. */
export class LabGround implements AsyncDisposable {
  readonly network: LabNetwork;
  readonly sites: readonly Site[];
  readonly file: LabFile;
  readonly url: string;
  readonly #spots: readonly (Spot & { site: Site })[];
  readonly #cacheSpot: Spot;
  readonly #folder: string;
  readonly #keep: boolean;
  readonly #stack: AsyncDisposableStack;
  #rounds = 0;

  private constructor(parts: {
    network: LabNetwork;
    sites: readonly Site[];
    file: LabFile;
    spots: readonly (Spot & { site: Site })[];
    cacheSpot: Spot;
    folder: string;
    keep: boolean;
    stack: AsyncDisposableStack;
  }) {
    this.network = parts.network;
    this.sites = parts.sites;
    this.file = parts.file;
    this.url = `http://${wanAddress}/${parts.file.name}`;
    this.#spots = parts.spots;
    this.#cacheSpot = parts.cacheSpot;
    this.#folder = parts.folder;
    this.#keep = parts.keep;
    this.#stack = parts.stack;
  }

  static async create(options: GroundOptions, signal: AbortSignal): Promise<LabGround> {
    await using stack = new AsyncDisposableStack();
    const folder = await mkdtemp(path.join(tmpdir(), 'sluice-lab-'));
    stack.defer(async () => {
      if (options.keep) options.log(`logs and results are in ${folder}`);
      else await rm(folder, { recursive: true, force: true });
    });
    const www = path.join(folder, 'www');
    const file = await makeLabFile(www, { name: 'content.bin', size: options.size }, signal);
    const network = stack.use(await LabNetwork.create());
    const sites: Site[] = [];
    const spots: (Spot & { site: Site })[] = [];
    for (const link of [options.link, ...(options.moreLinks ?? [])]) {
      const site = await network.addSite(link);
      sites.push(site);
      for (let n = 1; n <= options.devices; n++) {
        spots.push({ ...(await site.addSpot(`device${n}`)), site });
      }
    }
    const cacheSpot = await sites[0]!.addSpot('cache');
    const nginx = await startNginx({
      namespace: network.servers,
      address: wanAddress,
      port: sourcePort,
      folder: path.join(folder, 'source'),
      http: `server { listen ${wanAddress}:${sourcePort}; root ${www}; }`,
    });
    stack.use(nginx);
    const { keep } = options;
    const parts = { network, sites, file, spots, cacheSpot, folder, keep };
    return new LabGround({ ...parts, stack: stack.move() });
  }

  /** The first. */
  get site(): Site {
    return this.sites[0]!;
  }

  /** Makes another file that the source serves. */
  async addFile(
    name: string,
    size: number,
    signal: AbortSignal,
  ): Promise<{ file: LabFile; url: string }> {
    const file = await makeLabFile(path.dirname(this.file.path), { name, size }, signal);
    return { file, url: `http://${wanAddress}/${name}` };
  }

  /** Gives `use` fresh folders for everybody; they are emptied afterwards unless they shall be kept. */
  async round<T>(
    name: string,
    signal: AbortSignal,
    use: (ground: Ground) => Promise<T>,
  ): Promise<T> {
    const folder = path.join(this.#folder, `${++this.#rounds}-${name}`);
    const devices = this.#spots.map((spot, i) => ({
      ...spot,
      number: i + 1,
      folder: path.join(folder, `device-${i + 1}`),
    }));
    try {
      for (const device of devices) await mkdir(device.folder, { recursive: true });
      const { network, site, sites, file, url } = this;
      const cacheSpot = this.#cacheSpot;
      return await use({ network, site, sites, devices, cacheSpot, file, url, folder, signal });
    } finally {
      if (!this.#keep) await rm(folder, { recursive: true, force: true });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
