/** Options that Delivery Optimization has DHCP servers give: the group, the cache hosts (policies.md §4, §11). */
export type DhcpOption = 234 | 235;

/** What the DHCP server of this device's network said. */
export interface DhcpOptions {
  /** The text of an option; undefined when there is none. Never rejects. */
  text(option: DhcpOption): Promise<string | undefined>;
}

/** A device that asks nobody. */
export const noDhcp: DhcpOptions = { text: async () => undefined };
