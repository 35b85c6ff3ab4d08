import type { HttpSettings } from './http-settings.ts';
import type { ExpectedObject, KnownObject } from './known-object.ts';

/** What another thread needs to read the same object in the same way: plain data. */
export interface PortableSource
  extends Pick<HttpSettings, 'label' | 'kind' | 'headers' | 'userAgent' | 'timeouts'> {
  url: string;
  object: ExpectedObject;
}

/** Connections that wait there for a next run are not counted here: they must not wait for long, ms. */
const idleMs = 2_000;

/** @returns undefined when only this thread can: over TLS, by proxies, without ranges, or traced. */
export function portableSource(
  settings: HttpSettings,
  object: KnownObject,
): PortableSource | undefined {
  const { url, label, kind, headers, userAgent, timeouts } = settings;
  const isPlain = url.protocol === 'http:' && !settings.routes && !settings.generalOnly;
  if (!isPlain || settings.span || object.ranges !== true) return undefined;
  return {
    ...{ url: url.href, label, kind, headers, userAgent, object: object.expectation },
    timeouts: { ...timeouts, idleMs },
  };
}
