import type { Clock } from '../clock/index.ts';
import { sluiceError } from '../errors/index.ts';
import { otlpRequest } from './otlp.ts';
import { Span, type SpanKind } from './span.ts';
import { SpanSender } from './span-sender.ts';
import type { SpanContext } from './traceparent.ts';

export interface TracerOptions {
  /** Of a collector, as OTEL_EXPORTER_OTLP_ENDPOINT has it: `/v1/traces` is added. */
  endpoint: string;
  service: string;
  clock: Clock;
  /** ms since 1970 */
  now: () => number;
  randomBytes: (length: number) => Uint8Array;
  fetch: typeof fetch;
  logger: { warn(facts: object, message: string): void } | undefined;
}

/** Makes spans, and brings them to a collector by OTLP/HTTP. */
export class Tracer {
  readonly #now: () => number;
  readonly #randomBytes: (length: number) => Uint8Array;
  readonly #sender: SpanSender;

  /** @throws InvalidArgument: the endpoint is no http or https URL */
  constructor(options: TracerOptions) {
    const { clock, now, randomBytes, logger, service } = options;
    let lost = 0;
    const url = tracesUrl(options.endpoint);
    this.#now = now;
    this.#randomBytes = randomBytes;
    this.#sender = new SpanSender({
      clock,
      async send(spans, signal) {
        const reply = await options.fetch(url, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify(otlpRequest(service, spans)),
          redirect: 'error',
          signal,
        });
        await reply.body?.cancel();
        if (!reply.ok) throw new Error(`the collector answered ${reply.status}`);
      },
      dropped(spans, err) {
        lost += spans;
        logger?.warn({ err, spans, lost }, 'spans are lost');
      },
    });
  }

  /** Begins a span: of the caller's trace, or of a new one. */
  begin(name: string, kind: SpanKind, parent?: SpanContext): Span {
    const parts = {
      now: this.#now,
      newId: () => this.#hex(8),
      ended: this.#sender.add.bind(this.#sender),
    };
    const traceId = parent?.traceId ?? this.#hex(16);
    const told = { traceId, spanId: parts.newId(), parentId: parent?.spanId };
    return new Span(parts, { ...told, name, kind, from: this.#now() });
  }

  /** Sends what there is; never rejects. */
  flush(): Promise<void> {
    return this.#sender.flush();
  }

  #hex(length: number): string {
    return Buffer.from(this.#randomBytes(length)).toString('hex');
  }
}

function tracesUrl(endpoint: string): string {
  const url = URL.parse(endpoint);
  if (url && /^https?:$/.test(url.protocol)) return `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const params = { name: 'OTEL_EXPORTER_OTLP_ENDPOINT', detail: 'must be an http or https URL' };
  throw sluiceError('InvalidArgument', params);
}
