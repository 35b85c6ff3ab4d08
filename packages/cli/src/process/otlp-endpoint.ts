/** Where spans go, by the variable that OpenTelemetry has for it; undefined: nobody wants them. */
export function otlpEndpoint(): string | undefined {
  return process.env.OTEL_EXPORTER_OTLP_ENDPOINT || undefined;
}
