import { type Clock, type Span, sluiceError } from '@sluice/protocol';
import type { Routes } from '../proxy/index.ts';
import type { SourceKind } from '../source.ts';
import type { HttpFault } from './http-fault.ts';
import type { ExpectedObject } from './known-object.ts';
import { redactUrl } from './redact-url.ts';
import { callerHeaders } from './request-headers.ts';
import type { Timeouts } from './wire/answer.ts';
import type { GeneralConnection } from './wire/general-connection.ts';
import { HostSlots } from './wire/host-slots.ts';

export interface HttpSourceOptions {
  /** http or https. A user name and password in it become Basic credentials. */
  url: string;
  /** Sent along; `Authorization` and `Cookie` only to the URL's own origin. */
  headers?: Readonly<Record<string, string>> | undefined;
  /** Default `http`. A `cache` may not redirect to another origin. */
  kind?: Exclude<SourceKind, 'peer'> | undefined;
  /** For people and logs. Default: the URL without credentials and query values. */
  label?: string | undefined;
  /** What is known already: the source must agree (`SourceChanged` if not), and `open` may be skipped. */
  expected?: ExpectedObject | undefined;
  /** Milliseconds. Default: connect 15 s, stall 20 s, idle 30 s, park 30 s. */
  timeouts?: Partial<Timeouts> | undefined;
  clock: Clock;
  /** What `open` asks for, bytes. Default: 1 MiB, so that small files come whole with it. */
  probeBytes?: number | undefined;
  /** Default `Sluice`. */
  userAgent?: string | undefined;
  /** Certificates (PEM) to trust in place of the runtime's list. */
  ca?: string | undefined;
  /** Certificate and key (PEM) shown to the URL's own origin, and to no other. */
  client?: { readonly cert: string; readonly key: string } | undefined;
  /** By which proxies to go; straight to the host if not given. */
  routes?: Routes | undefined;
  /** Connections to one host, shared with other sources. Default: of this source alone. */
  slots?: HostSlots | undefined;
  /** Told of requests that fail, before who asked for them is. */
  onFault?: ((fault: HttpFault) => void) | undefined;
  /** Its requests are spans below this one. A cache host is told, a source is not. */
  span?: Span | undefined;
  /** Never use the direct reader (a plain `http:` URL is read by undici then). Default false. */
  generalOnly?: boolean | undefined;
}

/** The options, checked and complete. */
export interface HttpSettings {
  /** Without user name, password and fragment. */
  readonly url: URL;
  readonly label: string;
  readonly kind: Exclude<SourceKind, 'peer'>;
  readonly headers: ReadonlyArray<readonly [name: string, value: string]>;
  readonly userAgent: string;
  readonly timeouts: Timeouts;
  /** What `open` asks for, bytes. */
  readonly probeBytes: number;
  readonly clock: Clock;
  readonly ca: string | undefined;
  readonly client: { readonly cert: string; readonly key: string } | undefined;
  readonly routes: Routes | undefined;
  readonly slots: HostSlots;
  readonly onFault: (fault: HttpFault) => void;
  readonly span: Span | undefined;
  readonly generalOnly: boolean;
  /** Loads what reads every kind of answer; undefined where it cannot be had. */
  readonly loadGeneral: LoadGeneral | undefined;
}

export type LoadGeneral = () => Promise<{ GeneralConnection: typeof GeneralConnection }>;

/** Small files come whole with it, for one round trip. */
const defaultProbeBytes = 1_048_576;

const defaultTimeouts: Timeouts = {
  connectMs: 15_000,
  stallMs: 20_000,
  idleMs: 30_000,
  parkMs: 30_000,
};

/** @throws InvalidArgument for a URL that is none, is not http or https, or for a bad header. */
export function httpSettings(
  options: HttpSourceOptions,
  loadGeneral: LoadGeneral | undefined,
): HttpSettings {
  const url = URL.parse(options.url);
  // The text may hold a password, so it is not shown.
  if (!url) throw sluiceError('InvalidArgument', { name: 'url', detail: 'is not a URL' });
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    const detail = `is of scheme ${url.protocol} and must be http: or https:`;
    throw sluiceError('InvalidArgument', { name: 'url', detail });
  }
  const { userAgent = options.userAgent ?? 'Sluice', headers } = callerHeaders(
    url,
    options.headers,
  );
  if (!/^[\x20-\x7e]+$/.test(userAgent)) {
    throw sluiceError('InvalidArgument', { name: 'userAgent', detail: 'must be printable ASCII' });
  }
  url.username = '';
  url.password = '';
  url.hash = '';
  return {
    url,
    label: options.label ?? redactUrl(url),
    kind: options.kind ?? 'http',
    headers,
    userAgent,
    timeouts: { ...defaultTimeouts, ...options.timeouts },
    probeBytes: options.probeBytes ?? defaultProbeBytes,
    clock: options.clock,
    ca: options.ca,
    client: options.client,
    routes: options.routes,
    slots: options.slots ?? new HostSlots(),
    onFault: options.onFault ?? (() => {}),
    span: options.span,
    generalOnly: options.generalOnly ?? false,
    loadGeneral,
  };
}
