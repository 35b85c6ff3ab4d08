/** A key by which the devices of a tenant know each other. */
export interface PeerKey {
  /** 16 hex digits. */
  id: string;
  key: Uint8Array;
}

/** That an enrolled device has peers of its own tenant only. */
export interface PeerMembership {
  /** The newest first; none: the cloud has not told any yet, and nobody can prove anything. */
  readonly keys: readonly PeerKey[];
  /** Calls `fn` when the keys have changed. @returns a function that ends it. */
  watch(fn: () => void): () => void;
  /** A peer has other keys: those here, or there, are old. */
  suspectOld(): void;
}
