import type { Source } from '../source.ts';
import { type HttpSourceOptions, httpSettings } from './http-settings.ts';
import { HttpSource } from './http-source.ts';
import { KnownObject } from './known-object.ts';

/**
 * An object on a web server, fetched by ranges over HTTP/1.1. Follows redirects, never decodes,
 * never splices two versions of the object (ETag, Last-Modified and length are held against every
 * answer). `open` asks for the first MiB rather than for a HEAD, which many servers answer wrong,
 * and the next fetch from byte 0 takes over that answer's body.
 * @throws InvalidArgument for a URL or header that cannot be used.
 */
export function createHttpSource(options: HttpSourceOptions): Source {
  return new HttpSource(httpSettings(options, loadGeneral), new KnownObject(options.expected));
}

/** Only when something needs it: it takes TLS and more along. */
function loadGeneral() {
  return import('./wire/general-connection.ts');
}
