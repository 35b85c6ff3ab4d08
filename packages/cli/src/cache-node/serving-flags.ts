import { availableParallelism } from 'node:os';
import { Option } from 'commander';
import type { HostPort } from '../options/parse-host-port.ts';
import { integerValue, listenValue, pathValue } from '../options/values.ts';

/** The flags of `sluice cache-node` that say how it serves. */
export interface ServingFlags {
  tlsListen?: HostPort & { port: number };
  tlsCert?: string;
  tlsKey?: string;
  maxEgressMbps?: number;
  workers: number;
}

export function servingOptions(): Option[] {
  return [
    new Option('--tls-listen <host:port>', 'serve HTTPS there as well').argParser(listenValue),
    new Option(
      '--tls-cert <file>',
      'its certificate (default: the one that import-cert took up)',
    ).argParser(pathValue),
    new Option('--tls-key <file>', 'the key of --tls-cert').argParser(pathValue),
    new Option(
      '--max-egress-mbps <number>',
      'the most that all clients together get, in 10^6 bits/s',
    ).argParser(integerValue(1, 10_000_000)),
    new Option(
      '--workers <number>',
      'threads that serve what is in the cache; "auto" is one for each core, at most 8',
    )
      .default(autoWorkers(), 'auto')
      .argParser(workersValue),
  ];
}

/** What they come to for the node. @param folder where `sluice cache-node csr` keeps its files */
export async function servingSettings(flags: ServingFlags, folder: string) {
  const { certificatePaths } = await import('@sluice/connected-cache');
  const paths = certificatePaths(folder);
  const {
    tlsListen,
    tlsCert = paths.certificate,
    tlsKey = paths.key,
    maxEgressMbps,
    workers,
  } = flags;
  return {
    tls: tlsListen && { listen: tlsListen, certFile: tlsCert, keyFile: tlsKey },
    maxAllowableEgressInMbps: maxEgressMbps,
    workers,
  };
}

const mostByThemselves = 8;

function autoWorkers(): number {
  return Math.min(mostByThemselves, availableParallelism());
}

function workersValue(text: string): number {
  return text === 'auto' ? autoWorkers() : integerValue(1, 64)(text);
}
