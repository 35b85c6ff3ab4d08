import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type BuildOptions, build, type Metafile, transform } from 'esbuild';

/** A part of the command as files that `packages/cli/bin/code.js` runs. */
export interface Code {
  /** With which file it begins. */
  entry: string;
  metafile: Metafile;
}

/** @param options `entryPoints` are one file. Every name tells the content, see `code.js`. */
export async function buildCode(
  options: BuildOptions & { entryPoints: Record<string, string>; target: string },
): Promise<Code> {
  const { outputFiles, metafile } = await build({
    ...options,
    entryNames: '[name]-[hash]',
    outExtension: { '.js': '.cjs' },
    metafile: true,
    write: false,
  });
  for (const { path: file, text } of outputFiles) {
    const { code } = await transform(text, {
      format: 'cjs',
      platform: 'node',
      target: options.target,
      charset: 'ascii',
      minifyWhitespace: true,
      define: { 'import.meta.url': '__url' },
      // A file of code is loaded by `require`, also when it is needed later.
      supported: { 'dynamic-import': false },
    });
    await writeFile(file, wrapped(code));
  }
  const [file] = Object.values(options.entryPoints);
  const [entry] = Object.entries(metafile.outputs).find(([, made]) => made.entryPoint === file)!;
  return { entry: path.basename(entry), metafile };
}

/** A function of what a file of code needs. Whole in the file, so that no start has to put it together. */
function wrapped(code: string): string {
  return `(function (require, module, exports, __url) {${code}\n})`;
}
