/** What the fleet of one content can at best do. Bytes and bytes/s as measured; undefined: not known. */
export interface FleetFacts {
  /** Bytes of the content. */
  size: number;
  /** Devices that want it. */
  devices: number;
  /** Of the source, when somebody told it. */
  sourceRate: number | undefined;
  /** Of each site the fastest download that was measured, added up: what comes in from outside at the most. */
  linesRate: number | undefined;
  /** Of the device with the slowest. */
  slowestDownlink: number | undefined;
  /** All that the devices can send, together. */
  uplinks: number | undefined;
}

export type BoundTerm = 'source' | 'downlink' | 'aggregate';

/**
 * The fluid bound of Kumar & Ross (HotWeb 2006): max(F/u_s, F/d_min, N·F/(u_s + Σu_i)); no fleet is faster. A
 * term with something unknown in it is left out, which only lowers the bound.
 * @returns undefined when no term is known
 */
export function boundOf(facts: FleetFacts): { ms: number; term: BoundTerm } | undefined {
  const { size, devices, sourceRate, linesRate, slowestDownlink, uplinks } = facts;
  const lines = Math.min(sourceRate ?? Number.POSITIVE_INFINITY, linesRate ?? sourceRate ?? 0);
  const terms: { term: BoundTerm; rate: number | undefined; bytes: number }[] = [
    { term: 'source', bytes: size, rate: sourceRate },
    { term: 'downlink', bytes: size, rate: slowestDownlink },
    {
      term: 'aggregate',
      bytes: devices * size,
      rate: lines > 0 && uplinks !== undefined ? lines + uplinks : undefined,
    },
  ];
  return terms
    .flatMap(({ term, bytes, rate }) => (rate ? [{ term, ms: (1000 * bytes) / rate }] : []))
    .reduce<{ ms: number; term: BoundTerm } | undefined>(
      (a, b) => (a && a.ms >= b.ms ? a : b),
      undefined,
    );
}
