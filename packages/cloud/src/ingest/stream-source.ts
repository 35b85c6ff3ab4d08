import { type IncomingHttpHeaders, type IncomingMessage, request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { type Clock, sluiceError } from '@sluice/protocol';
import type { AllowedHosts } from './allowed-hosts.ts';
import { digestsInHeaders, type KnownDigests } from './known-digests.ts';
import { LeastRate } from './least-rate.ts';

const maxRedirects = 5;
/** How often a body that breaks off is taken up again. */
const maxBreaks = 4;
/** Without a byte, ms. */
const silenceMs = 30_000;
/** For the whole head of an answer, however often a byte of it comes, ms. */
const headMs = 60_000;

/** What the source says of the object. */
export interface SourceState {
  /** Undefined when it did not say. */
  length: number | undefined;
  /** Strong, with its quotes. */
  etag: string | undefined;
  lastModified: string | undefined;
  digests: KnownDigests;
}

export interface StreamOptions {
  hosts: AllowedHosts;
  /** Bytes. */
  maxLength: number;
  clock: Clock;
  signal: AbortSignal;
}

/**
 * Reads an object once, from its first byte to its last, and holds on to one state of it: a body that breaks off is
 * taken up behind its last byte when it has a strong ETag, and what changes on the way is refused.
 * @param take gets each part; the next is read when it is done
 * @throws IngestNotAllowed, IngestUnsuitable, IngestTooSlow, SourceChanged; others of the source, which may pass
 */
export async function streamSource(
  url: string,
  options: StreamOptions,
  take: (part: Uint8Array) => Promise<void> | void,
): Promise<SourceState> {
  const first = await ask(url, options, 'GET', {});
  if (first.statusCode !== 200) throw refusal(url, first);
  const state = stateOf(first.headers);
  const bounded = boundedTaker(url, options.maxLength, take);
  if ((state.length ?? 0) > options.maxLength) {
    first.destroy();
    throw unsuitable(url, `it has ${state.length} bytes, the limit is ${options.maxLength}`);
  }
  const encoding = first.headers['content-encoding'] ?? 'identity';
  if (encoding !== 'identity') {
    first.destroy();
    throw sluiceError('SourceEncoded', { url, encoding });
  }
  let body = first;
  for (let breaks = 0; ; breaks++) {
    const fault = await readAll(body, bounded.take, new LeastRate(options.clock, url));
    options.signal.throwIfAborted();
    if (fault?.code === 'taker') throw fault.cause;
    if (!fault && (state.length === undefined || bounded.length() === state.length)) break;
    if (!state.etag || breaks === maxBreaks) {
      const detail = fault
        ? String(fault.cause)
        : `after ${bounded.length()} of ${state.length} bytes`;
      throw sluiceError('SourceTruncated', { url, detail });
    }
    const range = { range: `bytes=${bounded.length()}-`, 'if-range': state.etag };
    body = await ask(url, options, 'GET', range);
    checkPart(url, body, state, bounded.length());
  }
  await checkAgain(url, options, state);
  return { ...state, length: bounded.length() };
}

/** What the source says of the object now. @throws as `streamSource` */
export async function askState(url: string, options: StreamOptions): Promise<SourceState> {
  const answer = await ask(url, options, 'HEAD', {});
  answer.destroy();
  if (answer.statusCode !== 200) throw refusal(url, answer);
  return stateOf(answer.headers);
}

function sameState(a: SourceState, b: SourceState): boolean {
  if (a.length !== undefined && b.length !== undefined && a.length !== b.length) return false;
  return a.etag === b.etag && a.lastModified === b.lastModified;
}

/** A body that was replaced while it came may still be as long as it was to be. */
async function checkAgain(url: string, options: StreamOptions, before: SourceState): Promise<void> {
  const answer = await ask(url, options, 'HEAD', {});
  answer.destroy();
  // Not every server answers HEAD; whose does, says what it said before.
  if (answer.statusCode !== 200) return;
  if (!sameState(before, stateOf(answer.headers))) {
    throw sluiceError('SourceChanged', { url, detail: 'while it was read' });
  }
}

function checkPart(url: string, answer: IncomingMessage, state: SourceState, from: number): void {
  const { statusCode, headers } = answer;
  const [, start, total] = /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(headers['content-range'] ?? '') ?? [];
  const now = stateOf(headers);
  const same = now.etag === state.etag && (total === '*' || Number(total) === state.length);
  if (statusCode === 206 && Number(start) === from && same) return;
  answer.destroy();
  if (statusCode === 206 || statusCode === 200 || statusCode === 412 || statusCode === 416) {
    throw sluiceError('SourceChanged', { url, detail: 'while it was read' });
  }
  throw refusal(url, answer);
}

type Fault = { code: 'source' | 'taker'; cause: unknown };

async function readAll(
  body: IncomingMessage,
  take: (part: Uint8Array) => Promise<void> | void,
  rate: LeastRate,
): Promise<Fault | undefined> {
  let code: Fault['code'] = 'source';
  try {
    for await (const part of body as AsyncIterable<Uint8Array>) {
      code = 'taker';
      rate.came(part.length);
      await take(part);
      rate.waits();
      code = 'source';
    }
    return undefined;
  } catch (cause) {
    return { code, cause };
  }
}

function boundedTaker(
  url: string,
  maxLength: number,
  take: (part: Uint8Array) => Promise<void> | void,
) {
  let length = 0;
  return {
    length: () => length,
    take: (part: Uint8Array) => {
      length += part.length;
      if (length > maxLength) throw unsuitable(url, `it has more than ${maxLength} bytes`);
      return take(part);
    },
  };
}

/** Follows redirects, each checked like the first URL. */
async function ask(
  text: string,
  options: StreamOptions,
  method: 'GET' | 'HEAD',
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  let url = new URL(text);
  for (let redirects = 0; redirects <= maxRedirects; redirects++) {
    const answer = await send(url, options, method, headers);
    const { statusCode = 0 } = answer;
    const { location } = answer.headers;
    if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return answer;
    answer.destroy();
    const next = URL.parse(location, url.href);
    if (!next) throw sluiceError('SourceMalformed', { url: text, detail: 'a redirect to nowhere' });
    if (url.protocol === 'https:' && next.protocol !== 'https:') {
      throw unsuitable(text, 'it redirects from https to http');
    }
    url = next;
  }
  throw sluiceError('SourceTooManyRedirects', { url: text, limit: maxRedirects });
}

function send(
  url: URL,
  { hosts, clock, signal }: StreamOptions,
  method: 'GET' | 'HEAD',
  headers: Record<string, string>,
): Promise<IncomingMessage> {
  const lookup = hosts.lookupFor(url);
  const request = url.protocol === 'https:' ? tlsRequest : plainRequest;
  return new Promise((resolve, reject) => {
    const sent = request(url, {
      method,
      lookup,
      signal,
      agent: false,
      timeout: silenceMs,
      headers: { 'accept-encoding': 'identity', 'user-agent': 'sluice-cloud', ...headers },
    });
    sent.on('timeout', () => sent.destroy(new Error(`silent for ${silenceMs / 1000} s`)));
    const cancel = clock.setTimer(headMs, () => {
      sent.destroy(new Error(`no answer within ${headMs / 1000} s`));
    });
    sent.on('response', resolve).on('response', cancel).on('close', cancel);
    sent.on('error', (cause: NodeJS.ErrnoException) => {
      const detail = cause.message || cause.code || cause.name;
      const named = 'remedy' in cause || signal.aborted;
      reject(
        named ? cause : sluiceError('SourceUnreachable', { url: url.href, detail }, { cause }),
      );
    });
    sent.end();
  });
}

function stateOf(headers: IncomingHttpHeaders): SourceState {
  const { etag } = headers;
  const length = /^\d{1,15}$/.test(headers['content-length'] ?? '')
    ? Number(headers['content-length'])
    : undefined;
  const modified = headers['last-modified'];
  return {
    length,
    etag: etag !== undefined && /^"[\x21\x23-\x7e]{0,512}"$/.test(etag) ? etag : undefined,
    lastModified: modified !== undefined && Date.parse(modified) > 0 ? modified : undefined,
    digests: digestsInHeaders(headers),
  };
}

function refusal(url: string, answer: IncomingMessage): Error {
  answer.destroy();
  const status = answer.statusCode ?? 0;
  const retryAfter = Number(answer.headers['retry-after']);
  if (status === 429 || status >= 500) {
    const retryAfterMs = retryAfter > 0 ? Math.min(retryAfter * 1000, 86_400_000) : undefined;
    const params = { url, status, retryAfterMs };
    return sluiceError(status === 429 ? 'SourceThrottled' : 'SourceServerError', params);
  }
  return sluiceError('SourceStatus', { url, status });
}

function unsuitable(url: string, detail: string): Error {
  return sluiceError('IngestUnsuitable', { url, detail });
}
