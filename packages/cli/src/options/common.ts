import { Option } from 'commander';
import {
  baseUrlValue,
  hostListValue,
  integerValue,
  listenValue,
  pathValue,
  settingValue,
} from './values.ts';

/*
 * Flags that several commands have, each defined once.
 */

export function jsonOption(): Option {
  return new Option('--json', 'print JSON on standard output, no progress bar');
}

export function quietOption(): Option {
  return new Option('-q, --quiet', 'print errors only, no progress bar');
}

export function cloudOption(): Option {
  return new Option('--cloud <url>', 'the Sluice cloud')
    .env('SLUICE_CLOUD')
    .argParser(baseUrlValue);
}

export function tokenFileOption(): Option {
  return new Option(
    '--token-file <file>',
    'file with an API token or the admin token (default: $SLUICE_ADMIN_TOKEN, for a cloud on this machine its own)',
  ).argParser(pathValue);
}

export function cacheHostOption(): Option {
  return new Option('--cache-host <host[:port]>', 'a Connected Cache node; may be repeated')
    .env('SLUICE_CACHE_HOST')
    .argParser(hostListValue);
}

export function peerPortOption(): Option {
  return new Option('--peer-port <port>', 'TCP port for peers, 0 = any free one').argParser(
    integerValue(0, 65535),
  );
}

export function setOption(): Option {
  return new Option(
    '--set <name=value>',
    'a setting by its Delivery Optimization name, see below; may be repeated',
  ).argParser(settingValue);
}

export function noLocalDiscoveryOption(): Option {
  return new Option('--no-local-discovery', 'do not look for peers on the local network by DNS-SD');
}

export function restrictPeersOption(): Option {
  return new Option(
    '--restrict-peer-selection-by <method>',
    'which peers to have: all, those of this subnet, or those found by local discovery (default: as DORestrictPeerSelectionBy is set)',
  ).choices(['none', 'subnet', 'local']);
}

/** `fallback` says in the help what holds without the flag. */
export function dataDirOption(description: string, fallback: string): Option {
  return new Option('--data-dir <dir>', `${description} (default: ${fallback})`).argParser(
    pathValue,
  );
}

export function listenOption(port: number): Option {
  return new Option(
    '--listen <host:port>',
    'address to listen on; 0.0.0.0 or [::] for all, port 0 = any',
  )
    .default({ host: '127.0.0.1', port }, `127.0.0.1:${port}`)
    .argParser(listenValue);
}
