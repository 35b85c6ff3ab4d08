import { isSluiceError, type SluiceError, sluiceError } from '@sluice/protocol';
import { validatorOf } from './validator.ts';
import type { WireAnswer } from './wire/answer.ts';

/** Endings of paths that may well lead to a web page; so may a path without any. */
const pages = /\.(html?|xhtml|shtml|php\d?|aspx?|jspx?|cgi|cfm|do|action)$/i;

/**
 * A login page where the object should be: status 200, HTML, made for the moment (it names no version and
 * has no ranges), for a URL that ends like no web page. A network that wants a login sends it for any URL.
 */
export function isPortalPage(answer: WireAnswer, asked: URL): boolean {
  if (answer.status !== 200 || !isHtml(answer)) return false;
  const name = asked.pathname.slice(asked.pathname.lastIndexOf('/') + 1);
  const isFile = /\.[a-z\d]{1,10}$/i.test(name) && !pages.test(name);
  const isKept = validatorOf(answer.fields) !== undefined || answer.fields.has('accept-ranges');
  return isFile && !isKept;
}

/** HTML of another length or version than is known is a login page, too, not a new version. */
export function asPortal(error: unknown, answer: WireAnswer, url: string): unknown {
  const isOther = isSluiceError(error, 'SourceChanged') && answer.status === 200;
  return isOther && isHtml(answer) ? captivePortal(url, 'HTML of another length') : error;
}

/** Somebody may be about to log in, ms. */
const loginMs = 1_000;

export function captivePortal(url: string, detail: string): SluiceError {
  const params = { url, detail, retryable: true, retryAfterMs: loginMs };
  return sluiceError('SourceCaptivePortal', params);
}

function isHtml({ fields }: WireAnswer): boolean {
  return /^(text\/html|application\/xhtml\+xml)\b/i.test(fields.get('content-type') ?? '');
}
