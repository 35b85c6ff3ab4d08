import { Option } from 'commander';
import { dataDirOption } from './common.ts';
import { cidrListValue, pathValue } from './values.ts';

/** Where a cloud keeps what it keeps. */
export interface DatabaseFlags {
  dataDir?: string;
  database?: string;
}

/*
 * Flags of `sluice cloud` that commands which work beside it, on its stores, have too.
 */

export function cloudDataDirOption(): Option {
  return dataDirOption('where the catalogue and the admin token are', 'cloud in the state folder');
}

/** Those of the cloud itself, and of what examines it. */
export function storeOptions(): Option[] {
  return [
    cloudDataDirOption(),
    adminTokenFileOption(),
    databaseOption(),
    swarmStoreOption(),
    trustedProxyOption(),
  ];
}

function adminTokenFileOption(): Option {
  return new Option(
    '--admin-token-file <file>',
    'where the admin token is, or is put (default: admin-token in the data directory)',
  ).argParser(pathValue);
}

export function databaseOption(): Option {
  return new Option(
    '--database <url>',
    'postgres://… for the catalogue and the settings, shared with other clouds (default: a file)',
  ).env('SLUICE_DATABASE');
}

function swarmStoreOption(): Option {
  return new Option(
    '--swarm-store <url>',
    'redis://… or rediss://… for who has what, shared with other clouds; ?cluster for a cluster (default: memory)',
  ).env('SLUICE_SWARM_STORE');
}

function trustedProxyOption(): Option {
  return new Option(
    '--trusted-proxy <cidr>',
    'a proxy in front, whose X-Forwarded headers are believed; may be repeated',
  ).argParser(cidrListValue);
}
