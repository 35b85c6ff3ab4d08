import type { IncomingMessage, ServerResponse } from 'node:http';
import { parseTraceparent, type Tracer } from '@sluice/protocol';
import { noteOf } from './answer-note.ts';

/**
 * Runs an answer in a span of the trace that its caller has begun, if one has: then what is asked of sources for
 * it is in that span.
 * @param answer must not throw
 */
export async function traced(
  tracer: Tracer,
  message: IncomingMessage,
  response: ServerResponse,
  answer: () => Promise<void>,
): Promise<void> {
  const parent = parseTraceparent(message.headers.traceparent);
  if (!parent?.sampled) return answer();
  const span = tracer.begin(message.method ?? '', 'server', parent);
  message.headers.traceparent = span.traceparent;
  await answer();
  const status = response.headersSent ? response.statusCode : 499;
  const note = noteOf(response);
  span.set('http.response.status_code', status);
  span.set('sluice.cache', note?.state);
  span.set('sluice.source', note?.source);
  span.set('sluice.hit_bytes', note?.hitBytes);
  span.set('sluice.miss_bytes', note?.missBytes);
  span.end(status >= 500 ? `status ${status}` : undefined);
}
