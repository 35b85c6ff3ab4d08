import { type ErrorCode, type JobFault, type SluiceError, sluiceError } from '@sluice/protocol';
import { hresultOf } from './hresult-of.ts';

export function faultOf(error: SluiceError): JobFault {
  const { code, message, remedy } = error;
  return { Code: code, Message: message, Remedy: remedy, HResult: hresultOf(error) };
}

/** An error of the catalogue as a fault. */
export function fault(code: ErrorCode, params = {}): JobFault {
  return faultOf(sluiceError(code, params));
}
