import type { GivenSettings, LimitSettings } from '@sluice/engine';
import type { Clock } from '@sluice/protocol';
import type { Logger } from 'pino';
import type { HostProbe } from './host/host-probe.ts';
import type { LocalDiscovery } from './local-discovery/local-discovery.ts';
import type { PeerRestriction } from './network/peer-restriction.ts';

export interface AgentOptions {
  /** Store, identity and jobs live here. */
  dataDir: string;
  cloudUrl?: string | undefined;
  /** `host[:port]`, best first. */
  cacheHosts?: string[] | undefined;
  /** `direct`, the URL of a proxy, or `pac+` and that of a proxy script; as `env` says if not given. */
  proxy?: string | undefined;
  /** `name:password` for the proxy, where its URL has none. */
  proxyUser?: string | undefined;
  /** Where http_proxy, https_proxy, all_proxy and no_proxy are looked up; none if not given. */
  env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Connections to one HTTP host at a time, of all downloads together (default 16). */
  maxConnectionsPerHost?: number | undefined;
  /** TCP port for peers, 7680 if not given; 0 = any. A given port that is in use is an error. */
  peerPort?: number | undefined;
  /** Address to take peers on; all if not given. */
  listenHost?: string | undefined;
  /**
   * Find peers on the local network by DNS-SD, for downloads that may use peers (default true); or
   * find them in another way.
   */
  localDiscovery?: boolean | LocalDiscovery | undefined;
  /** DORestrictPeerSelectionBy (default none): which peers to have at all. */
  restrictPeerSelectionBy?: PeerRestriction | undefined;
  /** Keep jobs over restarts: a service does, a single download does not. */
  persistent?: boolean | undefined;
  /** Settings by their DO names, in DO's units (`settingSpecs` of the engine); else its defaults hold. */
  settings?: GivenSettings | undefined;
  /** What the device is; found out from its system if not given. */
  hostProbe?: HostProbe | undefined;
  /** The calendar that monthly limits go by. */
  today?: (() => Date) | undefined;
  /** Bandwidth settings; none if not given. */
  limits?: LimitSettings | undefined;
  logger?: Logger | undefined;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
}
