import type { Clock, KeyValueReply } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { LiveSettings } from '../policy/live-settings.ts';
import type { Proxies, Routes } from '../source/proxy/index.ts';
import { agentVersion } from '../version.ts';
import { BootstrapFile, cloudFileOf } from './bootstrap-file.ts';
import { CloudClient, type CloudSessions } from './cloud-client.ts';

/** The clouds that the device and its requests name, each asked by one client. */
export class CloudClients {
  readonly #own: string | undefined;
  readonly #settings: Pick<LiveSettings, 'setCloud'>;
  readonly #self: string;
  readonly #clock: Clock;
  readonly #routes: Routes | undefined;
  readonly #sessions: CloudSessions | undefined;
  readonly #file: BootstrapFile | undefined;
  readonly #clients = new Map<string, CloudClient>();

  /** @param of.own URL of the device's own cloud. */
  constructor(of: {
    own: string | undefined;
    settings: Pick<LiveSettings, 'setCloud'>;
    /** What this device calls itself. */
    self: string;
    clock: Clock;
    /** By which to reach them. */
    proxies: Proxies;
    /** At the cloud that the device is enrolled with. */
    sessions?: CloudSessions | undefined;
    /** Where is kept for the next process where the services of the device's own cloud are. */
    dataDir: string;
    eventsHome?: string | undefined;
    today: () => Date;
    logger: Logger;
  }) {
    const { own, today, logger } = of;
    const path = cloudFileOf(of);
    const now = () => today().getTime();
    const version = agentVersion;
    this.#file =
      own === undefined
        ? undefined
        : new BootstrapFile({ path, cloudUrl: own, version, now, logger });
    this.#own = of.own;
    this.#settings = of.settings;
    this.#self = of.self;
    this.#clock = of.clock;
    this.#routes = of.proxies.for({});
    this.#sessions = of.sessions;
  }

  of(url: string | undefined): CloudClient | undefined {
    if (url === undefined) return undefined;
    const known = this.#clients.get(url);
    if (known) return known;
    // Settings are the device's own cloud's affair, not that of whoever a request names.
    const onSettings =
      url === this.#own
        ? (reply: KeyValueReply, from: string) => this.#settings.setCloud(reply, from)
        : undefined;
    const made = new CloudClient({
      cloudUrl: url,
      clock: this.#clock,
      version: agentVersion,
      // Whoever a request names has no settings for this device.
      deviceId: url === this.#own ? this.#self : undefined,
      routes: this.#routes,
      onSettings,
      file: url === this.#own ? this.#file : undefined,
      sessions: withoutSlash(url) === this.#sessions?.cloudUrl ? this.#sessions : undefined,
    });
    this.#clients.set(url, made);
    return made;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients.values()].map((c) => c.close()));
  }
}

function withoutSlash(url: string): string {
  return url.replace(/\/+$/, '');
}
