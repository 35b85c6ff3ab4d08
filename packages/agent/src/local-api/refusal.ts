import { isSluiceError, type SluiceError, sluiceError, toSluiceError } from '@sluice/protocol';
import { hresultOf } from '../jobs/hresult-of.ts';

/** A request that is not as it should be, whatever it asks for. */
export class BadRequest extends Error {
  /** Of HTTP, 400 to 499. */
  readonly status: number;

  constructor(status: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.status = status;
  }
}

/** What the caller did wrong, in the words of the catalogue (ErrorReportSchema); else it is ours. */
export function refusalOf(error: unknown): { status: number; report: object } {
  if (isSluiceError(error)) return { status: statusCodeOf(error), report: reportOf(error) };
  if (error instanceof BadRequest) {
    const params = { name: 'request', detail: error.message };
    const fault = sluiceError('InvalidArgument', params, { cause: error });
    return { status: error.status, report: reportOf(fault) };
  }
  return { status: 500, report: reportOf(toSluiceError(error)) };
}

function reportOf(error: SluiceError): object {
  const { code, message, remedy, exitCode } = error;
  const HResult = hresultOf(error);
  return { Code: code, Message: message, Remedy: remedy, ExitCode: exitCode, HResult };
}

function statusCodeOf({ code }: SluiceError): number {
  if (code === 'InvalidArgument' || code.startsWith('Property')) return 400;
  if (code === 'DownloadUnknown' || code === 'JobUnknown' || code === 'FileUnknown') return 404;
  if (code === 'NoSuchResource') return 404;
  if (code === 'NotYours') return 401;
  if (code === 'PinRefused' || code === 'PinnedNeedsForce' || code === 'ContentBusy') return 409;
  if (code.startsWith('Job') || code === 'TargetUnwritable' || code === 'DownloadOver') return 409;
  return code === 'Cancelled' ? 503 : 500;
}
