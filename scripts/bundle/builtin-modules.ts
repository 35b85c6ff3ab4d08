import type { Plugin } from 'esbuild';

/**
 * Takes Node's own modules by `process.getBuiltinModule`. An `import` of one reads every property of it:
 * that of `node:http` loads a whole HTTP client for its `WebSocket` (23 ms), of `node:crypto` all of Web
 * Crypto (7 ms). Here a module is loaded when one of its functions is first used.
 */
export function builtinModules(): Plugin {
  return {
    name: 'builtin-modules',
    setup(build) {
      build.onResolve({ filter: /^node:/ }, ({ path, kind }) =>
        kind === 'import-statement' ? { path, namespace: 'builtin' } : { path, external: true },
      );
      build.onLoad({ filter: /.*/, namespace: 'builtin' }, ({ path }) => ({
        contents: contentsOf(path),
        loader: 'js',
      }));
    },
  };
}

function contentsOf(path: string): string {
  const load = `process.getBuiltinModule('${path}')`;
  const exported = process.getBuiltinModule(path) as object;
  // Some are a class or function, with the others as its properties.
  if (typeof exported === 'function') return `module.exports = ${load};`;
  const getters = Object.getOwnPropertyNames(exported).map(
    (name) => `get ${name}() { return load().${name}; }`,
  );
  return `let loaded;
    const load = () => (loaded ??= ${load});
    module.exports = { ${getters.join(', ')} };`;
}
