/** Power, when the device has a battery. */
export interface Battery {
  /** Runs on mains power. */
  onMains: boolean;
  /** 0 to 100; undefined when the system does not tell. */
  percent: number | undefined;
}

/** What the gates must know of the device. What is unknown (undefined) refuses nothing. */
export interface HostFacts {
  /** All memory that is fitted, bytes. */
  ramBytes: number | undefined;
  /** Capacity, not free space, of the volume that holds the store, bytes. */
  diskBytes: number | undefined;
  /** Undefined: no battery, or it cannot be told. */
  battery: Battery | undefined;
  /** The network adapters that are up, each by its texts: name, kind, driver's description. */
  adapters: readonly string[];
}

export const unknownHost: HostFacts = {
  ramBytes: undefined,
  diskBytes: undefined,
  battery: undefined,
  adapters: [],
};
