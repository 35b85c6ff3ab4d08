import type { EndedSpan, SpanKind } from './span.ts';

const kinds: Record<SpanKind, number> = { internal: 1, server: 2, client: 3 };
const statusError = 2;

/**
 * Spans as a collector takes them: the JSON of `ExportTraceServiceRequest` of OTLP/HTTP (opentelemetry-proto 1.x:
 * ids in hex, 64-bit numbers as text).
 */
export function otlpRequest(service: string, spans: readonly EndedSpan[]): object {
  const resource = { attributes: attributesOf({ 'service.name': service }) };
  const scope = { name: 'sluice' };
  return { resourceSpans: [{ resource, scopeSpans: [{ scope, spans: spans.map(otlpSpan) }] }] };
}

function otlpSpan(span: EndedSpan): object {
  const { traceId, spanId, parentId, name, kind, from, to, attributes, fault } = span;
  return {
    ...{ traceId, spanId, ...(parentId !== undefined && { parentSpanId: parentId }) },
    ...{ name, kind: kinds[kind], startTimeUnixNano: nanos(from), endTimeUnixNano: nanos(to) },
    attributes: attributesOf(attributes),
    status: fault === undefined ? {} : { code: statusError, message: fault },
  };
}

function attributesOf(attributes: EndedSpan['attributes']): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: otlpValue(value) }));
}

function otlpValue(value: string | number): object {
  if (typeof value === 'string') return { stringValue: value };
  return Number.isSafeInteger(value) ? { intValue: `${value}` } : { doubleValue: value };
}

/** More digits than a number has. */
function nanos(ms: number): string {
  return `${BigInt(Math.round(ms * 1000)) * 1000n}`;
}
