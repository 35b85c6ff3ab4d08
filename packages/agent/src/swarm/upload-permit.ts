import { type PeerClass, peerClasses } from '@sluice/engine';

/** Whom this device may upload to now: battery, VPN and monthly cap decide, and they change. */
export interface UploadPermit {
  /**
   * Whether peers of this class may get from us. While it is not known: no, and those who watch hear when
   * it is. To be asked only where an upload or a download is at hand: asking is what keeps it up to date.
   */
  allows(peerClass: PeerClass): boolean;
  /** Resolves when `allows` goes by what is now. Never rejects. */
  settled(): Promise<void>;
  /** Content was sent, bytes. */
  sent(peerClass: PeerClass, bytes: number): void;
  /** @param fn called after `allows` may have changed. @returns a function that ends it. */
  watch(fn: () => void): () => void;
}

/** Everybody, always. */
export const openPermit: UploadPermit = {
  allows: () => true,
  settled: async () => {},
  sent() {},
  watch: () => () => {},
};

/** Whether the permit allows anybody. */
export function allowsAnyone(permit: UploadPermit): boolean {
  return peerClasses.some((c) => permit.allows(c));
}

/** The permit, and `first` is called when the first bytes are sent under it. */
export function tellingFirst(permit: UploadPermit, first: () => void): UploadPermit {
  let isFirst = true;
  return {
    allows: (peerClass) => permit.allows(peerClass),
    settled: () => permit.settled(),
    watch: (fn) => permit.watch(fn),
    sent(peerClass, bytes) {
      if (isFirst) first();
      isFirst = false;
      permit.sent(peerClass, bytes);
    },
  };
}
