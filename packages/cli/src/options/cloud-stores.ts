import { Option } from 'commander';
import { dataDirOption } from './common.ts';

/** Where a cloud keeps what it keeps. */
export interface DatabaseFlags {
  dataDir?: string;
  database?: string;
}

/** For `sluice cloud` and what works on its database without it. */
export function cloudDataDirOption(): Option {
  return dataDirOption('where the catalogue and the admin token are', 'cloud in the state folder');
}

export function databaseOption(): Option {
  return new Option(
    '--database <url>',
    'postgres://… for the catalogue and the settings, shared with other clouds (default: a file)',
  ).env('SLUICE_DATABASE');
}
