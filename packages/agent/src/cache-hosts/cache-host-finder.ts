import { cacheHostPlaces, type HostFacts, type RuledOut, vpnAmong } from '@sluice/engine';
import {
  checkPolicyValue,
  hostsIn,
  type PolicySettings,
  policySpec,
} from '@sluice/protocol/policy';
import type { DhcpOptions } from '../dhcp/dhcp-options.ts';
import type { Live } from '../policy/live.ts';

/** What the geo service said of cache hosts. */
export interface GeoHosts {
  hosts: readonly string[];
  /** CacheHostFlag: 1 = ask DHCP. */
  flag: number | undefined;
}

/** Cache hosts, best first, or why there must be none. */
export interface FoundHosts {
  hosts: string[];
  refusal?: RuledOut | undefined;
  /** Anybody on the network may have named them: only for what can be verified. */
  needProof?: boolean;
}

export interface CacheHostFinderOptions {
  settings: Live<PolicySettings>;
  dhcp: DhcpOptions;
  host: { facts(): Promise<HostFacts> };
  /** Cache nodes found on the local network so far. */
  found: () => readonly string[];
}

/** Which cache hosts a download has (policies.md §11). */
export class CacheHostFinder {
  readonly #options: CacheHostFinderOptions;

  constructor(options: CacheHostFinderOptions) {
    this.#options = options;
  }

  /**
   * Never rejects.
   * @param asked hosts that the request names: those and no others.
   * @param canVerify what comes: if not, nobody looks around for hosts that need proof.
   */
  async find(
    asked: readonly string[] | undefined,
    geo: GeoHosts | undefined,
    canVerify = true,
  ): Promise<FoundHosts> {
    const refusal = await this.#onVpn();
    if (refusal) return { hosts: [], refusal };
    if (asked) return { hosts: [...asked] };
    const { current } = this.#options.settings;
    for (const place of cacheHostPlaces(current.DOCacheHostSource, geo?.flag)) {
      if (place === 'localDiscovery' && !canVerify) continue;
      const hosts = await this.#hostsOf(place, geo);
      if (hosts) return place === 'localDiscovery' ? { hosts, needProof: true } : { hosts };
    }
    return { hosts: [] };
  }

  /** Undefined when the place says nothing; an empty DOCacheHost says "none". */
  async #hostsOf(
    place: ReturnType<typeof cacheHostPlaces>[number],
    geo: GeoHosts | undefined,
  ): Promise<string[] | undefined> {
    const { settings, dhcp, found } = this.#options;
    if (place === 'setting') {
      const { DOCacheHost } = settings.current;
      return DOCacheHost === undefined ? undefined : hostsIn(DOCacheHost);
    }
    if (place === 'dhcp') return ifAny(hostsOfDhcp(await dhcp.text(235)));
    return ifAny(place === 'geo' ? (geo?.hosts ?? []) : found());
  }

  async #onVpn(): Promise<RuledOut | undefined> {
    const { settings, host } = this.#options;
    const { DODisallowCacheServerDownloadsOnVPN: isRuledOut, DOVpnKeywords } = settings.current;
    if (isRuledOut !== 1) return undefined;
    const adapter = vpnAmong((await host.facts()).adapters, DOVpnKeywords);
    if (adapter === undefined) return undefined;
    return {
      rule: 'DODisallowCacheServerDownloadsOnVPN',
      limit: 'no VPN',
      actual: `the adapter ${adapter} is up`,
      affects: 'cache',
      remedy: 'Set DODisallowCacheServerDownloadsOnVPN to 0, or disconnect the VPN.',
    };
  }
}

/** Malformed, it says nothing, and DOCacheHost is asked (policies.md §11). */
function hostsOfDhcp(text: string | undefined): string[] {
  if (text === undefined) return [];
  const checked = checkPolicyValue(policySpec('DOCacheHost'), text);
  return 'value' in checked ? hostsIn(checked.value as string) : [];
}

function ifAny(hosts: readonly string[]): string[] | undefined {
  return hosts.length > 0 ? [...hosts] : undefined;
}
