import { fileURLToPath } from 'node:url';
import { LabProcess } from '../process/lab-process.ts';
import { ip } from './ip.ts';
import { type Link, linkShape } from './link-shape.ts';
import { Namespaces } from './namespaces.ts';
import { Site, wanAddress, wanGateway } from './site.ts';

const shaper = fileURLToPath(new URL('shaper.py', import.meta.url));

/** A WAN with the servers, and sites behind thin links. */
export class LabNetwork implements AsyncDisposable {
  /** The namespace where the source and the cloud run, at `wanAddress`. */
  readonly servers: string;
  readonly shapers: LabProcess[] = [];
  readonly #namespaces: Namespaces;
  readonly #wan: string;
  readonly #sites: Site[] = [];
  readonly #stack: AsyncDisposableStack;

  private constructor(
    namespaces: Namespaces,
    names: { wan: string; servers: string },
    stack: AsyncDisposableStack,
  ) {
    this.#namespaces = namespaces;
    this.#wan = names.wan;
    this.servers = names.servers;
    this.#stack = stack;
  }

  static async create(): Promise<LabNetwork> {
    await using stack = new AsyncDisposableStack();
    const namespaces = stack.use(new Namespaces());
    const wan = await namespaces.add('wan', 'net.ipv4.ip_forward=1');
    const servers = await namespaces.add('servers');
    await ip(wan, `link add servers type veth peer name eth0 netns ${servers}`);
    await ip(wan, `addr add ${wanGateway}/24 dev servers`);
    await ip(wan, 'link set servers up');
    await ip(servers, `addr add ${wanAddress}/24 dev eth0`);
    await ip(servers, 'link set eth0 up');
    await ip(servers, `route add default via ${wanGateway}`);
    return new LabNetwork(namespaces, { wan, servers }, stack.move());
  }

  async addSite(link: Link): Promise<Site> {
    const number = this.#sites.length + 1;
    const ends = [`wan${number}`, `site${number}`] as const;
    const started = await LabProcess.start({
      namespace: this.#wan,
      command: '/usr/bin/python3',
      args: [shaper, JSON.stringify({ ends, ...linkShape(link) })],
    });
    this.#stack.use(started);
    this.shapers.push(started);
    await started.line((line) => line === 'ready');
    const site = await Site.create(this.#namespaces, number, {
      wanNamespace: this.#wan,
      end: ends[1],
    });
    this.#stack.use(site);
    await ip(this.#wan, `addr add ${wanGateway} peer ${site.externalAddress} dev ${ends[0]}`);
    await ip(this.#wan, `link set ${ends[0]} up`);
    await ip(this.#wan, `route add ${site.subnet} dev ${ends[0]}`);
    this.#sites.push(site);
    return site;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#stack.disposeAsync();
  }
}
