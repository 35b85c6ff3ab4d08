import { type ErrorCode, SluiceError, sluiceError } from '@sluice/protocol';

/** By the code that the system, OpenSSL or undici gives. */
const byCode: Record<string, ErrorCode> = {
  ENOTFOUND: 'SourceDnsFailed',
  EAI_AGAIN: 'SourceDnsFailed',
  EAI_FAIL: 'SourceDnsFailed',
  EAI_NODATA: 'SourceDnsFailed',
  EAI_NONAME: 'SourceDnsFailed',
  ECONNREFUSED: 'SourceRefused',
  EACCES: 'SourceUnreachable',
  EADDRNOTAVAIL: 'SourceUnreachable',
  EHOSTDOWN: 'SourceUnreachable',
  EHOSTUNREACH: 'SourceUnreachable',
  ENETDOWN: 'SourceUnreachable',
  ENETUNREACH: 'SourceUnreachable',
  ETIMEDOUT: 'SourceConnectTimeout',
  ECONNABORTED: 'SourceReset',
  ECONNRESET: 'SourceReset',
  EPIPE: 'SourceReset',
  UND_ERR_SOCKET: 'SourceReset',
  EPROTO: 'SourceTlsFailed',
  UND_ERR_HEADERS_OVERFLOW: 'SourceMalformed',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'SourceTruncated',
};

/** Retrying a wrong certificate gives the same wrong certificate. */
const notRetryable: ReadonlySet<ErrorCode> = new Set(['SourceTlsFailed']);

/** What went wrong with a connection, as an error of the catalogue. */
export function networkError(error: unknown, url: string): SluiceError {
  if (error instanceof SluiceError) return error;
  const cause = firstOf(error);
  const code = String((cause as NodeJS.ErrnoException | undefined)?.code ?? '');
  const message = cause instanceof Error ? cause.message : String(cause);
  const kind = kindOf(code, cause);
  const detail = kind === 'SourceTlsFailed' ? message : code || message;
  const retryable = !notRetryable.has(kind);
  return sluiceError(kind, { url, detail, retryable }, { cause: error });
}

function kindOf(code: string, error: unknown): ErrorCode {
  // TCP gives up a connection that was there under the same name.
  const connecting = (error as NodeJS.ErrnoException | undefined)?.syscall === 'connect';
  if (code === 'ETIMEDOUT' && !connecting) return 'SourceReset';
  if (error instanceof Error && error.name === 'HTTPParserError') return 'SourceMalformed';
  return byCode[code] ?? (isTls(code) ? 'SourceTlsFailed' : 'SourceReset');
}

/** The attempts on several addresses come in one error: the first is the preferred address's. */
function firstOf(error: unknown): unknown {
  return error instanceof AggregateError ? (error.errors[0] ?? error) : error;
}

function isTls(code: string): boolean {
  return (
    /^ERR_(TLS|SSL|OSSL)_/.test(code) ||
    /^(CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_)/.test(code) ||
    /^(INVALID_(CA|PURPOSE)|PATH_LENGTH_EXCEEDED|HOSTNAME_MISMATCH|EE_KEY_|CA_MD_)/.test(code)
  );
}
