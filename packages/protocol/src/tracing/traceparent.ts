/** Where in a trace something happens: W3C Trace Context. */
export interface SpanContext {
  /** 32 hex digits. */
  traceId: string;
  /** 16 hex digits. */
  spanId: string;
  /** Whether whoever began the trace records it. */
  sampled: boolean;
}

const shape =
  /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/;

/** Reads the header `traceparent`; undefined for one that is none, and for what came twice. */
export function parseTraceparent(text: unknown): SpanContext | undefined {
  const match = typeof text === 'string' ? shape.exec(text) : null;
  if (!match) return undefined;
  const [, traceId = '', spanId = '', flags = ''] = match;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & 1) === 1 };
}

export function formatTraceparent({ traceId, spanId, sampled }: SpanContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
