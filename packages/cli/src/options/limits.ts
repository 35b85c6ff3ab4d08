import { Option } from 'commander';
import { rateValue } from './values.ts';

/** Limits of the device, bytes/s. */
export interface LimitFlags {
  maxDownloadRate?: number;
  maxUploadRate?: number;
}

const bytesPerKb = 1024;

export function maxDownloadRateOption(): Option {
  return new Option(
    '--max-download-rate <rate>',
    'download no faster than this, such as 5MB/s; peers on site do not count',
  ).argParser(rateValue);
}

export function maxUploadRateOption(): Option {
  return new Option(
    '--max-upload-rate <rate>',
    'upload no faster than this, such as 500KB/s; peers on site do not count',
  ).argParser(rateValue);
}

/** The flags as settings of the agent, in whole KB/s, rounded up. */
export function limitsOf({ maxDownloadRate, maxUploadRate }: LimitFlags) {
  return {
    ...(maxDownloadRate !== undefined && {
      DOMaxForegroundDownloadBandwidth: kbps(maxDownloadRate),
      DOMaxBackgroundDownloadBandwidth: kbps(maxDownloadRate),
    }),
    ...(maxUploadRate !== undefined && { DOMaxUploadBandwidth: kbps(maxUploadRate) }),
  };
}

function kbps(rate: number): number {
  return Math.ceil(rate / bytesPerKb);
}
