import type { Clock } from '@sluice/protocol';
import type { GivenSettings } from '@sluice/protocol/policy';
import type { Logger } from 'pino';
import type { SpaceProbe } from './cache/disk-space.ts';
import type { DhcpOptions } from './dhcp/dhcp-options.ts';
import type { GroupFacts } from './group/group-facts.ts';
import type { HostProbe } from './host/host-probe.ts';
import type { LocalDiscovery } from './local-discovery/local-discovery.ts';
import type { PeerRestriction } from './network/peer-restriction.ts';
import type { PolicyPlaces } from './policy/policy-places.ts';
import type { TrustedKeys } from './signing/signature-check.ts';

export interface AgentOptions {
  /** Store, identity and jobs live here. */
  dataDir: string;
  /** That of the enrolment if not given. */
  cloudUrl?: string | undefined;
  /** Where the device's enrolment is (default: the data directory). */
  enrolmentDir?: string | undefined;
  /** `host[:port]`, best first: DOCacheHost of the command line. */
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
  /** DORestrictPeerSelectionBy of the command line: which peers to have at all. */
  restrictPeerSelectionBy?: PeerRestriction | undefined;
  /**
   * The device's own data directory, when `dataDir` is only that of a single download: events wait there, and
   * go out under its device id. Other agents may have it at the same time.
   */
  eventsHome?: string | undefined;
  /** Keep jobs over restarts: a service does, a single download does not. */
  persistent?: boolean | undefined;
  /** Downloads of one priority that run at once (default 8); the others wait for their turn. */
  maxConcurrentDownloads?: number | undefined;
  /** Settings of the command line, by their DO names and in DO's units (`@sluice/protocol/policy`). */
  settings?: GivenSettings | undefined;
  /** Where else settings come from; nowhere but the data directory and the cloud if not given. */
  policies?: PolicyPlaces | undefined;
  /** Hash lists that the cloud names count only with a signature of these keys; all of them if not given. */
  trustedKeys?: TrustedKeys | undefined;
  /** What the DHCP server said; nothing if not given. */
  dhcp?: DhcpOptions | undefined;
  /** What the device knows of its organisation; nothing if not given. */
  groupFacts?: GroupFacts | undefined;
  /** What the device is; found out from its system if not given. */
  hostProbe?: HostProbe | undefined;
  /** The room on the disk of the store; that of the system if not given. */
  diskSpace?: SpaceProbe | undefined;
  /** The calendar that monthly limits and business hours go by. */
  today?: (() => Date) | undefined;
  /** Where spans of its downloads go, as OTEL_EXPORTER_OTLP_ENDPOINT has it; nowhere if not given. */
  otlpEndpoint?: string | undefined;
  logger?: Logger | undefined;
  clock?: Clock | undefined;
  random?: (() => number) | undefined;
}
