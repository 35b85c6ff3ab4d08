import { isIP } from 'node:net';
import { InvalidArgumentError } from 'commander';
import { formatHostPort, type HostPort, parseHostPort } from './parse-host-port.ts';
import { parseSize } from './parse-size.ts';

/** What the bandwidth settings can hold (policies.md §2): 2^32 − 1 KB/s. */
const maxRate = 4_294_967_295 * 1024;

/*
 * Readers of flag values. They throw commander's InvalidArgumentError, which commander turns into a
 * message that names the flag and the value (or the environment variable it came from).
 */

/** An absolute http(s) URL, as it was given. */
export function urlValue(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
    throw new InvalidArgumentError('It must be an http:// or https:// URL.');
  }
  if (text.length > 8192) throw new InvalidArgumentError('It is longer than 8192 characters.');
  return text;
}

/** A base URL without the slash at its end. */
export function baseUrlValue(text: string): string {
  const url = urlValue(text);
  if (new URL(url).search || new URL(url).hash) {
    throw new InvalidArgumentError('It must be a base URL, without ? or #.');
  }
  return url.replace(/\/+$/, '');
}

/** `HOST:PORT` to listen on; port 0 lets the system choose. */
export function listenValue(text: string): { host: string; port: number } {
  const parsed = parseHostPort(text);
  if (parsed?.port === undefined) {
    throw new InvalidArgumentError(
      'It must be HOST:PORT, for example 127.0.0.1:8080 or [::]:8080.',
    );
  }
  return { host: parsed.host, port: parsed.port };
}

/** A flag that may be repeated, each with one or, after commas, more of `HOST[:PORT]`. */
export function hostListValue(text: string, previous: string[] | undefined): string[] {
  const hosts = text.split(',').map((part) => formatHostPort(hostPort(part.trim())));
  return [...(previous ?? []), ...hosts];
}

function hostPort(text: string): HostPort {
  const parsed = parseHostPort(text);
  if (!parsed || parsed.port === 0) {
    throw new InvalidArgumentError('It must be HOST or HOST:PORT, several after commas.');
  }
  return parsed;
}

/** A flag that may be repeated, each with one or, after commas, more IP addresses or CIDRs. */
export function cidrListValue(text: string, previous: string[] | undefined): string[] {
  const parts = text.split(',').map((part) => part.trim());
  if (!parts.every(isCidr)) {
    throw new InvalidArgumentError('It must be an IP address or a CIDR, several after commas.');
  }
  return [...(previous ?? []), ...parts];
}

function isCidr(text: string): boolean {
  const [ip, prefix, ...more] = text.split('/');
  const version = isIP(ip!);
  if (version === 0 || more.length > 0) return false;
  return (
    prefix === undefined ||
    (/^\d{1,3}$/.test(prefix) && Number(prefix) <= (version === 4 ? 32 : 128))
  );
}

/** Whole number from `min` to `max`. */
export function integerValue(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= min && value <= max)) {
      throw new InvalidArgumentError(`It must be a whole number from ${min} to ${max}.`);
    }
    return value;
  };
}

/** An amount of bytes from `min` to `max`, such as `64MiB`. `what` names the limits in the message. */
export function sizeValue(min: number, max: number, what: string): (text: string) => number {
  return (text) => {
    const value = parseSize(text);
    if (value === undefined) {
      throw new InvalidArgumentError('It must be a size such as 64MiB, 50GB or 4096.');
    }
    if (value < min || value > max) throw new InvalidArgumentError(`It must be ${what}.`);
    return value;
  };
}

/** An amount of bytes per second, such as `5MB/s` or, as the size alone, `500k`. At least 1 KiB/s. */
export function rateValue(text: string): number {
  const value = parseSize(text.trim().replace(/\/s$/i, ''));
  if (value === undefined) {
    throw new InvalidArgumentError('It must be a rate such as 5MB/s, 500KiB/s or 500k.');
  }
  if (value < 1024 || value > maxRate) {
    throw new InvalidArgumentError('It must be from 1KiB/s to 4TiB/s.');
  }
  return value;
}

/** 64 hex digits, lower-cased. */
export function sha256Value(text: string): string {
  if (!/^[0-9a-f]{64}$/i.test(text)) {
    throw new InvalidArgumentError('It must be the 64 hex digits of a SHA-256.');
  }
  return text.toLowerCase();
}

/** The base64 of 32 bytes. */
export function hashOfHashesValue(text: string): string {
  if (!/^[A-Za-z0-9+/]{43}=$/.test(text)) {
    throw new InvalidArgumentError('It must be the base64 of 32 bytes (44 characters).');
  }
  return text;
}

export function guidValue(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    throw new InvalidArgumentError('It must be a GUID, such as the one that uuidgen prints.');
  }
  return text;
}

/** A content id: an opaque string without control characters. */
export function contentIdValue(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (text.length === 0 || text.length > 1024 || /[\u0000-\u001f\u007f]/.test(text)) {
    throw new InvalidArgumentError(
      'It must be 1 to 1024 characters, none of them control characters.',
    );
  }
  return text;
}

/** What kind of content it is, for reports. */
export function contentTypeValue(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  if (text.length === 0 || text.length > 64 || /[\u0000-\u001f\u007f]/.test(text)) {
    throw new InvalidArgumentError(
      'It must be 1 to 64 characters, none of them control characters.',
    );
  }
  return text;
}

/** A flag that may be repeated, each time with `NAME=VALUE`. Which there are the agent knows. */
export function settingValue(
  text: string,
  previous: Record<string, string> | undefined,
): Record<string, string> {
  const [, name, value] = /^([A-Za-z]\w*)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must be NAME=VALUE, for example DOMinFileSizeToCache=10.');
  }
  if (previous && name in previous) throw new InvalidArgumentError(`${name} is set twice.`);
  return { ...previous, [name]: value };
}

/** A path that is not empty; NUL bytes cannot come through the command line. */
export function pathValue(text: string): string {
  if (text === '') throw new InvalidArgumentError('It must not be empty.');
  return text;
}
