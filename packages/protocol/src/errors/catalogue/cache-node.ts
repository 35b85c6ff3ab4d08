import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: cache node. */
export const cacheNodeErrors = {
  CacheRequestInvalid: {
    message: 'this is not a request for a cache node: {detail}',
    remedy:
      'Ask as GET /path?query&cacheHostOrigin=host[:port], or GET /path with the source as Host.',
    exitCode: ExitCode.Service,
  },
  CacheHostNotAllowed: {
    message: 'this cache node does not fetch from {host}',
    remedy: 'Start the cache node with --allow {host}, or fetch from that host directly.',
    exitCode: ExitCode.Service,
  },
  CacheAddressNotAllowed: {
    message: '{host} is at {address}, which is not a public address',
    remedy: 'Start the cache node with --allow {host} if it may fetch from this host.',
    exitCode: ExitCode.Service,
  },
  CacheLoop: {
    message: 'the request has been at this cache node before',
    remedy: 'Take the cache node off its own list of sources, or break the ring of cache nodes.',
    exitCode: ExitCode.Service,
  },
  CacheSourceFailed: {
    message: 'fetching from {host} failed: {detail}',
    remedy: 'Check that the source is up and that this cache node can reach it.',
    exitCode: ExitCode.Network,
  },
  CacheSourceStalled: {
    message: '{host} does not answer or stopped sending: {detail}',
    remedy: 'Check that the source is up and the link to it; try again later.',
    exitCode: ExitCode.Network,
  },
  CacheSourceRefused: {
    message: '{host} answered {status}',
    remedy: 'Check the URL and the log of the source.',
    exitCode: ExitCode.Source,
  },
  CacheSourceInvalid: {
    message: '{host} gave an answer that cannot be used: {detail}',
    remedy: 'Look into the configuration of the source; fetch from it directly meanwhile.',
    exitCode: ExitCode.Source,
  },
  CacheObjectChanged: {
    message: '{url} changed at the source while it was fetched',
    remedy: 'Ask again: the new state is fetched from the start.',
    exitCode: ExitCode.Source,
  },
  CacheBusy: {
    message: 'the cache in {path} is in use by another cache node',
    remedy: 'End the other node, or give this one another --cache-dir.',
    exitCode: ExitCode.Busy,
  },
  NoCacheNode: {
    message: 'no cache node runs with the state folder {stateDir}',
    remedy: 'Start one with `sluice cache-node`, or give the --state-dir (or --cache-dir) it has.',
    exitCode: ExitCode.Service,
  },
  CacheNodeRefused: {
    message: 'the cloud at {url} does not take this node: {detail}',
    remedy: 'Get a new key with `sluice cloud-cache-node renew-key NAME` and start with it.',
    exitCode: ExitCode.Service,
  },
} as const satisfies Record<string, ErrorEntry>;
