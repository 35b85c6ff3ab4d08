/** The record of a build, beside its files. */
export interface Bundle {
  /** Names of the files. */
  outputs: string[];
  /** The stamp of every file that it was built from, by path from the folder of the workspace. */
  inputs: Record<string, string>;
}
export const bundleFolder: string;
export const recordName: string;
export function readBundle(root: string): Bundle | undefined;
export function isFresh(root: string, bundle: Bundle): boolean;
export function stampOf(file: string): string;
