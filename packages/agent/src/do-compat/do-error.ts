import { isSluiceError, toSluiceError } from '@sluice/protocol';
import { hresultOf, signed } from '../jobs/hresult-of.ts';

/** HRESULTs of the REST interface that say what is wrong with a call (do-client-contract.md §3). */
export const hresults = {
  notSet: 0x80070490,
  invalidArgument: 0x80070057,
  unsupported: 0x80070032,
  notImplemented: 0x80004001,
  /** EISDIR, as all errors of the system at the start. */
  isFolder: 0xc0d00015,
  invalidState: 0x80d02013,
  readOnlyProperty: 0x80d02012,
  unknownProperty: 0x80d02011,
  invalidUrl: 0x800c0002,
  /** A C++ exception in Microsoft's agent: a percent escape that is none. */
  badEscape: 0x8007023e,
  outOfMemory: 0x8007000e,
  noService: 0x80d01001,
} as const;

/** A call that is refused; the message is for logs. */
export class DoError extends Error {
  /** Unsigned. */
  readonly hresult: number;

  constructor(hresult: number, message: string) {
    super(message);
    this.name = 'DoError';
    this.hresult = hresult;
  }
}

const statusOf: Record<number, number> = {
  [hresults.notSet]: 404,
  [hresults.badEscape]: 500,
  [hresults.outOfMemory]: 503,
};

/** What a failed call is answered with. */
export function errorReply(error: unknown): { status: number; body: string } {
  const hresult = error instanceof DoError ? error.hresult : hresultOfFault(error);
  return { status: statusOf[hresult] ?? 400, body: `{ "ErrorCode": ${signed(hresult)} }` };
}

function hresultOfFault(error: unknown): number {
  if (isSluiceError(error, 'JobUnknown')) return hresults.notSet;
  if (isSluiceError(error, 'Internal') || !isSluiceError(error)) return hresults.badEscape;
  return hresultOf(toSluiceError(error));
}
