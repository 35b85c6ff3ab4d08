import { readFile } from 'node:fs/promises';
import type { Plugin } from 'esbuild';

/**
 * What stays in files of its own, loaded when a command comes to need it: it would take half of the bytes
 * that every download loads. The schema library comes with `job-desk` and `router`, JavaScript in
 * JavaScript with `pac-script`.
 */
const apart =
  /^@sluice\/(?:cloud|connected-cache|simulator|protocol\/schemas)$|\/(?:job-desk|job-schema|pac-script|router|run-demo)\.ts$/;
/** Other people's packages stay apart too. */
const foreign = /^(?!\.|@sluice\/)/;

const dynamicImport = /\bimport\('([^']+)'\)/g;

/**
 * Puts every other dynamic import into the file that asks for it, still evaluated only when it is asked
 * for: with a file of its own for each, a download would load 45, and start later.
 */
export function inlineImports(root: string): Plugin {
  return {
    name: 'inline-imports',
    setup(build) {
      const filter = new RegExp(
        `^${escaped(root)}[\\\\/]packages[\\\\/][^\\\\/]+[\\\\/]src[\\\\/]`,
      );
      build.onLoad({ filter }, async ({ path }) => {
        const text = await readFile(path, 'utf8');
        if (!text.includes('import(')) return undefined;
        return { contents: text.replace(dynamicImport, inlined), loader: 'ts' };
      });
    },
  };
}

function inlined(whole: string, specifier: string): string {
  if (apart.test(specifier)) return whole;
  // esbuild gives of a CommonJS package the default export only, Node the names as well.
  if (foreign.test(specifier)) return `${whole}.then((m) => ({ __proto__: m.default, ...m }))`;
  return `Promise.resolve().then(() => require('${specifier}'))`;
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}
