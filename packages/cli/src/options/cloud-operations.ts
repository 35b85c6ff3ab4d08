import { Option } from 'commander';
import { integerValue } from './values.ts';

/** Flags of `sluice cloud` for who runs it. */
export interface OperationsFlags {
  /** Seconds. */
  drain: number;
  metrics: 'open' | 'token';
}

export function operationsOptions(): Option[] {
  return [
    new Option(
      '--drain <seconds>',
      'how long to serve on when told to stop, while /ready says 503, so that load balancers notice',
    )
      .argParser(integerValue(0, 3600))
      .default(0),
    new Option(
      '--metrics <access>',
      'who may read /metrics: anybody, or who has the token of a viewer or asks from this machine',
    )
      .choices(['open', 'token'])
      .default('token'),
  ];
}

/** As the cloud takes them. */
export function operationsSettings({ drain, metrics }: OperationsFlags) {
  return { drainMs: drain * 1000, metrics };
}
