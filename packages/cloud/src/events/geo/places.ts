/** Where an address is; null: not known. */
export interface Place {
  city: string | null;
  country: string | null;
  isp: string | null;
}

/** Tells where external addresses are. */
export interface Places {
  /** Undefined when nothing is known. */
  find(ip: string): Place | undefined;
}

export const noPlaces: Places = { find: () => undefined };
