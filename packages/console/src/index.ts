/**
 * The web console: files that a browser loads, built by `npm run build` from `app/`. The cloud serves them.
 *
 * ```ts
 * const page = await consolePage();
 * const script = await consoleAsset('app-1A2B3C4D.js', 'br');
 * ```
 * @module
 */
export { type AssetEncoding, consoleAsset, consolePage } from './console-files.ts';
