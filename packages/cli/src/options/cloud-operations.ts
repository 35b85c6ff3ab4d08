import { Option } from 'commander';
import { integerValue } from './values.ts';

/** Flags of `sluice cloud` for who runs it. */
export interface OperationsFlags {
  /** Seconds. */
  drain: number;
  metrics: 'open' | 'token';
  joinsPerSecond?: number;
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
    new Option(
      '--joins-per-second <number>',
      'of more devices are told to come back later, up to four times as late (default: 10000)',
    ).argParser(integerValue(1, 1_000_000)),
  ];
}

/** As the cloud takes them. */
export function operationsSettings({ drain, metrics, joinsPerSecond }: OperationsFlags) {
  return { drainMs: drain * 1000, metrics, joinsPerSecond };
}
