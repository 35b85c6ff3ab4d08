/** See `stampOf`. */
export type Stamp = [mtimeMs: number, size: number];

/** The record of a build of one entry, beside its files. */
export interface Bundle {
  /** Names of the files. */
  outputs: string[];
  /** With which of its files it begins, where that is run by `runCode`. */
  code?: string;
  /** What changes when a file that it was built from does, by its path from the folder of the workspace. */
  inputs: Record<string, Stamp>;
}
export const bundleFolder: string;
export const entries: readonly ['main', 'get', 'agent'];
export function readBundle(root: string, entry?: 'main' | 'get' | 'agent'): Bundle | undefined;
export function recordOf(entry: string): string;
export function isFresh(root: string, bundle: Bundle): boolean;
export function stampOf(file: string): Stamp;
