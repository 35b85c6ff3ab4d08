import { isSluiceError, sluiceError } from '@sluice/protocol';
import type { Route } from '../proxy/index.ts';
import type { HttpSettings } from './http-settings.ts';
import { redactUrl } from './redact-url.ts';
import { isRedirect, redirectTarget } from './redirect-target.ts';
import { withoutCredentials } from './request-headers.ts';
import { RouteBook } from './route-book.ts';
import { statusError } from './status-error.ts';
import { TracedAnswer } from './traced-answer.ts';
import type { Remote, WireAnswer, WireRequest } from './wire/answer.ts';
import { ConnectionPool } from './wire/connection-pool.ts';
import { DirectConnection } from './wire/direct-connection.ts';

const maxRedirects = 10;
const directly: readonly Route[] = ['direct'];

/** Sends the GETs of one source: follows redirects, picks the way of reading, turns refusals into errors. */
export class Requester {
  readonly #settings: HttpSettings;
  /** Undefined: straight to every host. */
  readonly #routes: RouteBook | undefined;
  readonly #direct: ConnectionPool;
  #general: ConnectionPool | undefined;
  #closed: Error | undefined;
  /** Origins whose answers the direct reader cannot read. */
  readonly #unsuited = new Set<string>();
  /** Where the source's redirects led the last time. */
  #target: URL;

  constructor(settings: HttpSettings) {
    this.#settings = settings;
    this.#target = settings.url;
    this.#routes = settings.routes && new RouteBook(settings.routes);
    const { clock, timeouts, slots } = settings;
    this.#direct = new ConnectionPool(
      (request, owner) => new DirectConnection(request, owner, clock, timeouts),
      clock,
      timeouts,
      slots,
    );
  }

  /** What the caller asked for. */
  get url(): URL {
    return this.#settings.url;
  }

  /** Where its latest connection goes to. */
  get remote(): Remote | undefined {
    return this.#direct.remote ?? this.#general?.remote;
  }

  /**
   * Gets the source's URL with `range` headers.
   * @returns an answer with status 200, 206 or 416; the caller must `release` it.
   */
  async get(
    range: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<{ answer: WireAnswer; label: string }> {
    const remembered = this.#target;
    if (remembered !== this.#settings.url) {
      try {
        return await this.#follow(remembered, range, signal);
      } catch (error) {
        // Such targets expire and go away: the source's own URL names a fresh one.
        if (signal.aborted) throw error;
        this.#target = this.#settings.url;
        if (!isExpired(error)) throw error;
      }
    }
    return await this.#follow(this.#settings.url, range, signal);
  }

  async close(error: Error): Promise<void> {
    this.#closed = error;
    await Promise.all([this.#direct.close(error), this.#general?.close(error)]);
  }

  async #follow(first: URL, range: Readonly<Record<string, string>>, signal: AbortSignal) {
    const seen = new Set<string>();
    for (let url = first; ; ) {
      const label = redactUrl(url);
      if (seen.has(url.href))
        throw sluiceError('SourceRedirectLoop', { url: label, retryable: false });
      if (seen.size > maxRedirects) {
        throw sluiceError('SourceTooManyRedirects', {
          url: label,
          limit: maxRedirects,
          retryable: false,
        });
      }
      seen.add(url.href);
      const answer = await this.#sendTraced(url, label, range, signal);
      if ([200, 206, 416].includes(answer.status)) {
        this.#target = url;
        return { answer, label };
      }
      try {
        if (!isRedirect(answer.status)) throw statusError(answer, label);
        url = redirectTarget(answer, url, this.#settings.kind === 'cache');
      } finally {
        answer.release();
      }
    }
  }

  async #sendTraced(
    url: URL,
    label: string,
    range: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<WireAnswer> {
    const { span: whole, kind } = this.#settings;
    const span = whole?.child(kind === 'cache' ? 'GET from cache host' : 'GET', 'client');
    if (!span) return this.#send(url, label, range, signal);
    span.set('server.address', url.host);
    // A source is a stranger, who is not to know which requests are of one download.
    const told = kind === 'cache' ? { ...range, traceparent: span.traceparent } : range;
    try {
      return new TracedAnswer(await this.#send(url, label, told, signal), span);
    } catch (error) {
      span.end(isSluiceError(error) ? error.code : 'it failed');
      throw error;
    }
  }

  async #send(
    url: URL,
    label: string,
    range: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<WireAnswer> {
    const { headers, userAgent } = this.#settings;
    const request = {
      url,
      label,
      headers: [
        ['User-Agent', userAgent] as const,
        ['Accept-Encoding', 'identity'] as const,
        ...(this.#isOwn(url) ? headers : withoutCredentials(headers)),
        ...Object.entries(range),
      ],
    };
    const routes = this.#routes ? await this.#routes.for(url, signal) : directly;
    for (const [i, route] of routes.entries()) {
      try {
        const via = route === 'direct' ? undefined : route;
        return await this.#sendVia({ ...request, via }, signal);
      } catch (error) {
        if (!this.#routes?.isBroken(route, error) || i + 1 === routes.length) throw error;
      }
    }
    throw sluiceError('Internal', { detail: 'no route' });
  }

  async #sendVia(request: WireRequest, signal: AbortSignal): Promise<WireAnswer> {
    const { url, via } = request;
    const isPlain = url.protocol === 'http:' && via?.url.protocol !== 'https:';
    if (isPlain && !this.#settings.generalOnly && !this.#unsuited.has(url.origin)) {
      const answer = await this.#direct.request(request, signal);
      if (answer !== 'unsuited') return answer;
      this.#unsuited.add(url.origin);
    }
    const general = this.#general ?? (await this.#openGeneral());
    const answer = await general.request(request, signal);
    if (answer === 'unsuited') throw sluiceError('Internal', { detail: 'answer of no kind' });
    return answer;
  }

  async #openGeneral(): Promise<ConnectionPool> {
    const { loadGeneral } = this.#settings;
    if (!loadGeneral) throw sluiceError('Internal', { detail: 'no reader for such an answer' });
    const { GeneralConnection } = await loadGeneral();
    if (this.#closed) throw this.#closed;
    const { clock, timeouts, ca, client, slots } = this.#settings;
    const own = { ca, client, sessions: new Map<string, Buffer>(), http2Only: new Set<string>() };
    const others = { ...own, client: undefined };
    this.#general ??= new ConnectionPool(
      ({ url }, owner) =>
        new GeneralConnection(owner, clock, timeouts, this.#isOwn(url) ? own : others),
      clock,
      timeouts,
      slots,
    );
    return this.#general;
  }

  /** Whether a URL is of the origin that the caller named and gave credentials for. */
  #isOwn(url: URL): boolean {
    return url.origin === this.#settings.url.origin;
  }
}

function isExpired(error: unknown): boolean {
  return (
    isSluiceError(error, 'SourceUnauthorized') ||
    isSluiceError(error, 'SourceForbidden') ||
    isSluiceError(error, 'SourceNotFound') ||
    isSluiceError(error, 'SourceGone')
  );
}
