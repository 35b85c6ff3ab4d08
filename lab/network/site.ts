import { LabProcess } from '../process/lab-process.ts';
import { type Counters, readCounters } from './counters.ts';
import { inNamespace, ip } from './ip.ts';
import type { Namespaces } from './namespaces.ts';

/** Of the machine with the servers, and of the WAN's router. */
export const wanAddress = '198.51.100.1';
export const wanGateway = '198.51.100.254';
const wan = 'wan';
const lan = 'lan';
/** All sites' LANs: they reach each other, as over a company's network. */
const lans = '192.168.0.0/16';

/** A machine on a site's LAN. */
export interface Spot {
  /** Where its processes run. */
  namespace: string;
  address: string;
  /** Its end of the cable at the router: what is shaped to make it slow. */
  port: string;
}

/** A router behind one external address, and a LAN behind the router. */
export class Site implements AsyncDisposable {
  readonly router: string;
  readonly externalAddress: string;
  /** Of the LAN. */
  readonly subnet: string;
  readonly #namespaces: Namespaces;
  readonly #number: number;
  /** Sees the router's interfaces. */
  readonly #witness: LabProcess;
  #spots = 0;

  private constructor(namespaces: Namespaces, number: number, router: string, witness: LabProcess) {
    this.#namespaces = namespaces;
    this.#number = number;
    this.#witness = witness;
    this.router = router;
    this.externalAddress = `203.0.113.${number}`;
    this.subnet = `192.168.${number}.0/24`;
  }

  /**
   * @param number from 1 to 250.
   * @param end the site's end of the link, still in the namespace `wanNamespace`.
   */
  static async create(
    namespaces: Namespaces,
    number: number,
    { wanNamespace, end }: { wanNamespace: string; end: string },
  ): Promise<Site> {
    const router = await namespaces.add(`site${number}`, 'net.ipv4.ip_forward=1');
    await using stack = new AsyncDisposableStack();
    const witness = stack.use(await startWitness(router));
    const site = new Site(namespaces, number, router, witness);
    await ip(wanNamespace, `link set ${end} netns ${router} name ${wan}`);
    await ip(router, `addr add ${site.externalAddress} peer ${wanGateway} dev ${wan}`);
    await ip(router, `link set ${wan} up`);
    await ip(router, `route add default dev ${wan}`);
    // Where the kernel has it: what is switched inside the LAN is none of the packet filter's business.
    await inNamespace(router, 'sysctl', '-eqw', 'net.bridge.bridge-nf-call-iptables=0');
    // No snooping: there is no querier, so multicast (peer discovery of other tools) would get lost.
    await ip(router, `link add ${lan} type bridge mcast_snooping 0`);
    await ip(router, `addr add ${site.#address(1)}/24 dev ${lan}`);
    await ip(router, `link set ${lan} up`);
    await inNamespace(
      router,
      'nft',
      `table ip nat { chain out { type nat hook postrouting priority srcnat; oifname "${wan}" ip daddr != ${lans} masquerade; }; }`,
    );
    stack.move();
    return site;
  }

  /** Plugs another machine into the LAN. */
  async addSpot(role: string): Promise<Spot> {
    const n = ++this.#spots;
    const port = `port${n}`;
    const namespace = await this.#namespaces.add(`site${this.#number}-${role}`);
    const address = this.#address(n + 1);
    await ip(this.router, `link add ${port} type veth peer name eth0 netns ${namespace}`);
    await ip(this.router, `link set ${port} master ${lan} up`);
    await ip(namespace, `addr add ${address}/24 dev eth0`);
    await ip(namespace, 'link set eth0 up');
    await ip(namespace, `route add default via ${this.#address(1)}`);
    return { namespace, address, port };
  }

  /** What crossed the WAN link so far, IP headers included. */
  wanCounters(): Promise<Counters> {
    return this.counters(wan);
  }

  /** What crossed an interface of the router. */
  counters(name: string): Promise<Counters> {
    return readCounters(this.#witness.pid, name);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#witness.kill();
  }

  #address(host: number): string {
    return `192.168.${this.#number}.${host}`;
  }
}

async function startWitness(namespace: string): Promise<LabProcess> {
  await using stack = new AsyncDisposableStack();
  const witness = stack.use(await LabProcess.start({ namespace, command: 'cat', args: [] }));
  // Only then it is there, and not on its way.
  witness.write('here\n');
  await witness.line((line) => line === 'here');
  stack.move();
  return witness;
}
