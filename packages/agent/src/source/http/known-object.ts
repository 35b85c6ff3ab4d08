import { sluiceError } from '@sluice/protocol';
import type { SourceFacts } from '../source.ts';
import { contradicts, ifRangeValue, validatorOf } from './validator.ts';

/** What a caller knows of an object before it is asked for. */
export interface ExpectedObject {
  contentLength?: number | undefined;
  validator?: string | undefined;
  /**
   * Answers may be of several versions, only the length must be the same: the caller checks the bytes.
   * Servers side by side often give each their own ETag. Default false.
   */
  anyVersion?: boolean | undefined;
  /** An answer that does not name the expected version is of another one. Default false. */
  sameValidator?: boolean | undefined;
}

/** What is known of the object behind the URL: learnt from the first answer, held against every later one. */
export class KnownObject {
  contentLength: number | undefined;
  validator: string | undefined;
  /** Undefined until an answer told. */
  ranges: boolean | undefined;
  readonly #anyVersion: boolean;
  readonly #sameValidator: boolean;

  constructor(expected: ExpectedObject = {}) {
    this.contentLength = expected.contentLength;
    this.#anyVersion = expected.anyVersion ?? false;
    this.#sameValidator = (expected.sameValidator ?? false) && !this.#anyVersion;
    // Of a shape that no server gives, it could only raise false alarms.
    const valid = expected.validator !== undefined && ifRangeValue(expected.validator);
    this.validator = valid ? expected.validator : undefined;
  }

  get facts(): SourceFacts {
    return {
      contentLength: this.contentLength,
      ranges: this.ranges ?? false,
      validator: this.validator,
    };
  }

  /** What somebody else has to expect to see the same object. */
  get expectation(): ExpectedObject {
    const { contentLength, validator } = this;
    return {
      ...{ contentLength, validator },
      ...{ anyVersion: this.#anyVersion, sameValidator: this.#sameValidator },
    };
  }

  /**
   * Compares an answer's length and validator, and learns what was unknown.
   * @param total bytes of the whole object as this answer states them.
   * @throws SourceChanged when it is another object than before.
   */
  meet(fields: ReadonlyMap<string, string>, total: number | undefined, url: string): void {
    const now = validatorOf(fields) ?? 'none';
    const isOther = this.#sameValidator && now !== this.validator;
    if (this.validator !== undefined && (isOther || contradicts(fields, this.validator))) {
      throw changed(url, `${this.validator} became ${now}`);
    }
    if (total !== undefined && this.contentLength !== undefined && total !== this.contentLength) {
      throw changed(url, `${this.contentLength} bytes became ${total}`);
    }
    this.contentLength ??= total;
    if (!this.#anyVersion) this.validator ??= validatorOf(fields);
  }
}

export function changed(url: string, detail: string): Error {
  return sluiceError('SourceChanged', { url, detail, retryable: false });
}
