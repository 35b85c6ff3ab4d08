/** The record of a build of one entry, beside its files. */
export interface Bundle {
  /** Names of the files. */
  outputs: string[];
  /** The stamp of every file that it was built from, by path from the folder of the workspace. */
  inputs: Record<string, string>;
}
export const bundleFolder: string;
export const entries: readonly ['main', 'get', 'agent'];
export function readBundle(root: string, entry?: 'main' | 'get' | 'agent'): Bundle | undefined;
export function recordOf(entry: string): string;
export function isFresh(root: string, bundle: Bundle): boolean;
export function stampOf(file: string): string;
