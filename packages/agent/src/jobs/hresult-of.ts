import { isSluiceError, type SluiceError } from '@sluice/protocol';

/** HTTP statuses that have a code of their own (do-client-contract.md §5); others share one. */
const byStatus: Record<number, number> = {
  300: 0x801901f4,
  301: 0x80190003,
  302: 0x80190003,
  303: 0x80190003,
  305: 0x801901f6,
  400: 0x80190190,
  401: 0x80190191,
  403: 0x80190193,
  404: 0x80190194,
  405: 0x80190190,
  406: 0x80190196,
  407: 0x80190197,
  408: 0x80190198,
  409: 0x80190190,
  410: 0x80190194,
  411: 0x80190190,
  412: 0x80190190,
  413: 0x8019019d,
  414: 0x80190190,
  415: 0x80190190,
  500: 0x801901f4,
  501: 0x801901f5,
  502: 0x801901f6,
  503: 0x801901f4,
  504: 0x801901f6,
  505: 0x801901f5,
};
const anyStatus = 0x80190001;
/** Facility under which DO reports errors of the system and of curl by their own number. */
const system = 0xc0d00000;
/** Of what Delivery Optimization has no number for. */
export const unspecified = 0x80004005;

/** The HRESULT of an error, unsigned: of its HTTP status, of its system error, else of the catalogue. */
export function hresultOf(error: SluiceError): number {
  const { status } = error.params;
  if (typeof status === 'number') return byStatus[status] ?? anyStatus;
  if (error.code === 'TargetUnwritable') {
    const errno = errnoOf(error.cause);
    if (errno !== undefined) return (system | errno) >>> 0;
  }
  return error.hresult ?? unspecified;
}

/** As DO's REST interface and its users write it. */
export function signed(hresult: number): number {
  return hresult | 0;
}

function errnoOf(error: unknown): number | undefined {
  if (isSluiceError(error) || !(error instanceof Error)) return undefined;
  const { errno } = error as NodeJS.ErrnoException;
  return typeof errno === 'number' ? Math.abs(errno) : undefined;
}
