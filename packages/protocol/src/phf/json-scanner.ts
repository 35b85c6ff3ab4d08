import { type SluiceError, sluiceError } from '../errors/index.ts';
import { base64DigestLength, decodeBase64Digest } from './base64-digest.ts';

const quote = 0x22;
const backslash = 0x5c;

/** Bytes of a string's raw text: a digest with every character written as `\uXXXX`. */
const maxStringBytes = base64DigestLength * 6;
/** Characters of a number; more can be no safe integer. */
const maxNumberLength = 20;

/**
 * Reads the few JSON forms a PHF has (RFC 8259), straight from its bytes. Not `JSON.parse`: that
 * builds whatever a hostile file says, many times the file's size, and hides duplicate keys; and here
 * digests are decoded without making a string of each.
 * Every method skips white space first and throws PhfInvalid when something else is there.
 */
export class JsonScanner {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    const byteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    if (byteOrderMark) this.#at = 3;
  }

  /** Bytes not read yet. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** Reads the one-character token `char` if it comes next. */
  take(char: string): boolean {
    this.#skipSpace();
    if (this.#bytes[this.#at] !== char.charCodeAt(0)) return false;
    this.#at++;
    return true;
  }

  expect(char: string): void {
    if (!this.take(char)) throw this.fail(`expected '${char}'`);
  }

  end(): void {
    this.#skipSpace();
    if (this.left > 0) throw this.fail('expected nothing more');
  }

  /** A whole number from 0 to 2^53 - 1, without fraction or exponent. */
  integer(what: string): number {
    this.#skipSpace();
    let text = '';
    while (text.length < maxNumberLength && isNumberChar(this.#bytes[this.#at + text.length])) {
      text += String.fromCharCode(this.#bytes[this.#at + text.length]!);
    }
    const value = Number(text);
    if (!/^(0|[1-9]\d*)$/.test(text) || !Number.isSafeInteger(value)) {
      throw this.fail(`${what} is not a whole number from 0 to 2^53 - 1`);
    }
    this.#at += text.length;
    return value;
  }

  string(what: string): string {
    this.#skipSpace();
    if (this.#bytes[this.#at] !== quote) throw this.fail(`${what} is not a string`);
    const end = this.#closingQuote(what) + 1;
    const token = Buffer.from(
      this.#bytes.buffer,
      this.#bytes.byteOffset + this.#at,
      end - this.#at,
    ).toString('utf8');
    try {
      const text = JSON.parse(token) as string;
      this.#at = end;
      return text;
    } catch (cause) {
      throw this.fail(`${what} is not a string`, cause);
    }
  }

  /** A string that is the base64 of 32 bytes; writes these to `target[targetAt]`. `what` names it in an error. */
  digest(target: Uint8Array, targetAt: number, what: () => string): void {
    this.#skipSpace();
    const bytes = this.#bytes;
    const at = this.#at;
    if (
      bytes[at] === quote &&
      bytes[at + base64DigestLength + 1] === quote &&
      decodeBase64Digest(bytes, at + 1, target, targetAt)
    ) {
      this.#at += base64DigestLength + 2;
      return;
    }
    // Some writers escape '/' or '+', which is the same string in JSON.
    const text = this.string(what());
    const plain = Buffer.from(text, 'latin1');
    // latin1 keeps the low byte of a character: what lies above must not pass for ASCII.
    const ascii = /^[\x20-\x7e]{44}$/.test(text);
    if (!ascii || !decodeBase64Digest(plain, 0, target, targetAt)) {
      throw this.fail(`${what()} is not the base64 of 32 bytes`);
    }
  }

  fail(detail: string, cause?: unknown): SluiceError {
    const options = cause === undefined ? undefined : { cause };
    return sluiceError('PhfInvalid', { detail: `${detail} (at byte ${this.#at})` }, options);
  }

  #closingQuote(what: string): number {
    const limit = Math.min(this.#bytes.length, this.#at + 2 + maxStringBytes);
    for (let i = this.#at + 1; i < limit; i++) {
      const byte = this.#bytes[i];
      if (byte === quote) return i;
      if (byte === backslash) i++;
    }
    throw this.fail(`${what} has no end or is too long`);
  }

  #skipSpace(): void {
    for (;;) {
      const byte = this.#bytes[this.#at];
      if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return;
      this.#at++;
    }
  }
}

/** Digits, and what else a JSON number can hold, so that `1.5` is refused as one number. */
function isNumberChar(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || '+-.eE'.includes(String.fromCharCode(byte));
}
