import { type ErrorCode, type SluiceError, sluiceError } from '@sluice/protocol';
import { hresultOf } from './hresult-of.ts';

/** An error as a job keeps it, over restarts too. */
export interface JobFault {
  Code: string;
  Message: string;
  Remedy: string;
  /** Unsigned. */
  HResult: number;
}

export function faultOf(error: SluiceError): JobFault {
  const { code, message, remedy } = error;
  return { Code: code, Message: message, Remedy: remedy, HResult: hresultOf(error) };
}

/** An error of the catalogue as a fault. */
export function fault(code: ErrorCode, params = {}): JobFault {
  return faultOf(sluiceError(code, params));
}
