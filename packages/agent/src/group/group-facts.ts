/**
 * What a device knows of the organisation it belongs to. A hook: who runs Sluice in a directory of another
 * kind gives its own.
 */
export interface GroupFacts {
  /** Name of the Active Directory site. */
  adSite(): Promise<string | undefined>;
  /** SID of the domain that the device has authenticated to. */
  domainSid(): Promise<string | undefined>;
  /** DNS suffix of the device's connection. */
  dnsSuffix(): Promise<string | undefined>;
  /** Id of the Entra tenant that the device has joined. */
  tenant(): Promise<string | undefined>;
}

/** A device that belongs to nobody. */
export const noGroupFacts: GroupFacts = {
  adSite: async () => undefined,
  domainSid: async () => undefined,
  dnsSuffix: async () => undefined,
  tenant: async () => undefined,
};
