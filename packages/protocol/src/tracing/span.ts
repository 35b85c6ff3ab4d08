import { formatTraceparent } from './traceparent.ts';

export type SpanKind = 'internal' | 'server' | 'client';

/** What is told of a span when it has ended. Times are ms since 1970. */
export interface EndedSpan {
  traceId: string;
  spanId: string;
  parentId: string | undefined;
  name: string;
  kind: SpanKind;
  from: number;
  to: number;
  attributes: Record<string, string | number>;
  /** Why it ended badly. */
  fault: string | undefined;
}

/** Of one value: what is told may come from outside. */
const maxTextLength = 256;

interface SpanParts {
  now(): number;
  /** 16 hex digits. */
  newId(): string;
  ended(span: EndedSpan): void;
}

/** Something that takes its time, in a trace. */
export class Span {
  readonly #parts: SpanParts;
  readonly #told: Omit<EndedSpan, 'to' | 'fault'>;
  #isOver = false;

  constructor(parts: SpanParts, told: Omit<EndedSpan, 'to' | 'fault' | 'attributes'>) {
    this.#parts = parts;
    this.#told = { ...told, attributes: {} };
  }

  /** The header by which others take part in it. */
  get traceparent(): string {
    return formatTraceparent({ ...this.#told, sampled: true });
  }

  child(name: string, kind: SpanKind): Span {
    const { traceId, spanId: parentId } = this.#told;
    const { now, newId } = this.#parts;
    return new Span(this.#parts, { traceId, spanId: newId(), parentId, name, kind, from: now() });
  }

  set(name: string, value: string | number | undefined): void {
    if (value === undefined) return;
    this.#told.attributes[name] = typeof value === 'string' ? value.slice(0, maxTextLength) : value;
  }

  /** Ends it; again is no fault. @param fault why it ended badly */
  end(fault?: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#parts.ended({ ...this.#told, to: this.#parts.now(), fault });
  }
}
