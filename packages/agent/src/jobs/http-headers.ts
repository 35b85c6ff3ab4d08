import type { JobProperties } from '@sluice/protocol';
import { callerHeaders } from '../source/http/request-headers.ts';

const anyUrl = new URL('http://source.invalid/');

/**
 * The headers that a job is to send: lines of `Name: value`, as Delivery Optimization has them. What is in
 * `HttpCustomAuthHeaders` is told to nobody but the source.
 * @returns undefined when there are none.
 */
export function headersOf(properties: JobProperties): Record<string, string> | undefined {
  const { HttpCustomHeaders = '', HttpCustomAuthHeaders = '' } = properties;
  const lines = `${HttpCustomHeaders}\n${HttpCustomAuthHeaders}`.split(/\r?\n/);
  const pairs = lines.flatMap((line) => {
    const at = line.indexOf(':');
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1).trim()] as const];
  });
  return pairs.length === 0 ? undefined : Object.fromEntries(pairs);
}

/** Whether every line is a header that a caller may set. */
export function areHeaders(text: string): boolean {
  if (text.split(/\r?\n/).some((line) => line !== '' && !line.includes(':'))) return false;
  try {
    callerHeaders(anyUrl, headersOf({ HttpCustomHeaders: text }));
    return true;
  } catch {
    // Its text may show a secret: the name of the property is told.
    return false;
  }
}

/** What others than the source may see. */
export function withoutSecrets(properties: JobProperties): JobProperties {
  const { HttpCustomAuthHeaders: _, ...shown } = properties;
  return shown;
}
