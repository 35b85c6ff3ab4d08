import { type SluiceError, sluiceError } from '@sluice/protocol';
import { redactUrl } from './redact-url.ts';
import type { WireAnswer } from './wire/answer.ts';

const redirects = new Set([301, 302, 303, 307, 308]);

export function isRedirect(status: number): boolean {
  return redirects.has(status);
}

/**
 * Where a redirect leads.
 * @param sameOriginOnly a cache host's bytes count as the site's own, so it may not send elsewhere.
 * @throws SourceRedirectRefused for another scheme, for https to http, for another origin if so told;
 *   SourceMalformed without a valid Location.
 */
export function redirectTarget(answer: WireAnswer, from: URL, sameOriginOnly: boolean): URL {
  const { status } = answer;
  const url = redactUrl(from);
  const location = answer.fields.get('location');
  const target = location ? URL.parse(asUtf8(location), from.href) : null;
  if (!target) {
    const detail = `redirect ${status} without a valid Location`;
    throw sluiceError('SourceMalformed', { url, status, detail, retryable: false });
  }
  // Credentials in a Location are the redirecting side's idea, not the caller's.
  target.username = '';
  target.password = '';
  target.hash = '';
  const refused = (detail: string): SluiceError =>
    sluiceError('SourceRedirectRefused', {
      url,
      status,
      detail,
      target: redactUrl(target),
      retryable: false,
    });
  if (target.protocol !== 'http:' && target.protocol !== 'https:') throw refused('is not HTTP');
  if (from.protocol === 'https:' && target.protocol === 'http:') throw refused('drops TLS');
  if (sameOriginOnly && target.origin !== from.origin) throw refused('leaves the cache host');
  return target;
}

/** Header text is read as latin1; servers that put non-ASCII paths in a Location mean UTF-8. */
function asUtf8(latin1: string): string {
  const text = Buffer.from(latin1, 'latin1').toString('utf8');
  return text.includes('\ufffd') ? latin1 : text;
}
