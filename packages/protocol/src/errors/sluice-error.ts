import { type ErrorCode, type ErrorEntry, errorCatalogue } from './catalogue.ts';

/** Values for the message template, and facts for callers (a status, `retryable`, `retryAfterMs`). */
export type ErrorParams = Record<string, string | number | boolean | undefined>;

/** An error of the catalogue. Switch on `code`; show `message` and `remedy`. */
export class SluiceError extends Error {
  readonly code: ErrorCode;
  readonly remedy: string;
  readonly exitCode: number;
  readonly hresult: number | undefined;
  readonly params: ErrorParams;

  constructor(code: ErrorCode, params: ErrorParams, options?: ErrorOptions) {
    const entry: ErrorEntry = errorCatalogue[code];
    super(fill(entry.message, params), options);
    this.name = 'SluiceError';
    this.code = code;
    // Who refused may have told what can be done about it.
    this.remedy = typeof params.remedy === 'string' ? params.remedy : fill(entry.remedy, params);
    this.exitCode = entry.exitCode;
    this.hresult = entry.hresult;
    this.params = params;
  }
}

/** Makes an error of the catalogue. */
export function sluiceError(
  code: ErrorCode,
  params: ErrorParams = {},
  options?: ErrorOptions,
): SluiceError {
  return new SluiceError(code, params, options);
}

/** Whether `error` is of the catalogue (and has `code`, when given). */
export function isSluiceError(error: unknown, code?: ErrorCode): error is SluiceError {
  return error instanceof SluiceError && (code === undefined || error.code === code);
}

/** Any thrown value as an error of the catalogue: itself, `Cancelled` for an abort, else `Internal`. */
export function toSluiceError(error: unknown): SluiceError {
  if (error instanceof SluiceError) return error;
  if (error instanceof Error) {
    if (error.name === 'AbortError') return new SluiceError('Cancelled', {}, { cause: error });
    return new SluiceError('Internal', { detail: error.message }, { cause: error });
  }
  return new SluiceError('Internal', { detail: String(error) }, { cause: error });
}

function fill(template: string, params: ErrorParams): string {
  return template.replace(/\{(\w+)\}/g, (whole, name: string) => String(params[name] ?? whole));
}
