import { sluiceError } from '../errors/index.ts';

/** What a device needs to enrol. */
export interface EnrolmentToken {
  /** Base URL of the cloud, without a slash at the end. */
  url: string;
  /** SHA-256 of the public key (SPKI) of the cloud's own authority, base64url; undefined: a public one. */
  pin: string | undefined;
  /** 32 bytes, base64url. */
  secret: string;
}

const prefix = 'sluice1.';
const maxLength = 4096;
const key = /^[\w-]{43}$/;

/** One text without meaning to people, which survives mails and command lines. */
export function encodeEnrolmentToken({ url, pin, secret }: EnrolmentToken): string {
  const json = JSON.stringify({ u: url, ...(pin !== undefined && { p: pin }), s: secret });
  return prefix + Buffer.from(json, 'utf8').toString('base64url');
}

/** @throws EnrolmentTokenInvalid; the text is a secret, and not repeated */
export function decodeEnrolmentToken(text: string): EnrolmentToken {
  const invalid = (detail: string) => sluiceError('EnrolmentTokenInvalid', { detail });
  if (text.length > maxLength) throw invalid('it is too long');
  if (!text.startsWith(prefix)) throw invalid(`it does not begin with ${prefix}`);
  const { u, p, s } = parsed(text.slice(prefix.length));
  const isUrl = typeof u === 'string' && /^https?:\/\//.test(u) && URL.canParse(u);
  if (!isUrl || typeof s !== 'string' || !key.test(s)) throw invalid('a part of it is missing');
  if (p !== undefined && (typeof p !== 'string' || !key.test(p))) throw invalid('its pin is none');
  return { url: u.replace(/\/+$/, ''), pin: p, secret: s };
}

function parsed(text: string): { u?: unknown; p?: unknown; s?: unknown } {
  try {
    return Object(JSON.parse(Buffer.from(text, 'base64url').toString('utf8')));
  } catch {
    return {};
  }
}
