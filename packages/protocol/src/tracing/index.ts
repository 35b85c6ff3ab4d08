export { openTracer } from './open-tracer.ts';
export type { Span } from './span.ts';
export { parseTraceparent } from './traceparent.ts';
export type { Tracer } from './tracer.ts';
