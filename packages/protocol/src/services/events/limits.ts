/** Events in one batch at the most. */
export const maxBatchEvents = 500;

/** Bytes of one batch as JSON at the most, before it is compressed. */
export const maxBatchBytes = 1 << 20;
