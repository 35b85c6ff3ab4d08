import type { Tracer, TracerOptions } from './tracer.ts';

/** Undefined without an endpoint: nothing is loaded then. @throws as `Tracer` */
export async function openTracer({
  endpoint,
  ...options
}: Omit<TracerOptions, 'endpoint'> & { endpoint: string | undefined }): Promise<
  Tracer | undefined
> {
  if (endpoint === undefined) return undefined;
  const { Tracer } = await import('./tracer.ts');
  return new Tracer({ ...options, endpoint });
}
