import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

/** Which packages each package may import: the table of ARCHITECTURE.md. */
export const allowedPackages: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  engine: ['protocol'],
  agent: ['engine', 'protocol'],
  cloud: ['console', 'protocol'],
  'connected-cache': ['protocol'],
  console: ['protocol'],
  simulator: ['cloud', 'engine', 'protocol'],
  cli: ['agent', 'cloud', 'connected-cache', 'engine', 'protocol', 'simulator'],
};

export interface Package {
  /** Without the scope. */
  name: string;
  /** From the root, with `/`. */
  folder: string;
  dependencies: Record<string, string>;
  /** Its own and those of the root, which every package has in tests. */
  devDependencies: Record<string, string>;
}

export function readPackages(): Package[] {
  const shared = readJson('package.json').devDependencies;
  return globSync('packages/*/package.json', { cwd: root }).map((file) => {
    const { name, dependencies = {}, devDependencies = {} } = readJson(file);
    return {
      name: name.replace('@sluice/', ''),
      folder: path.posix.dirname(file.replaceAll('\\', '/')),
      dependencies,
      devDependencies: { ...shared, ...devDependencies },
    };
  });
}

export interface SourceFile {
  /** From the root, with `/`. */
  path: string;
  lines: string[];
}

/** The source files below a folder, by name. */
export function sourceFiles(folder: string): SourceFile[] {
  return globSync(`${folder}/**/*.{ts,tsx,js,mjs,cjs}`, {
    cwd: root,
    exclude: (name) => name === 'node_modules' || name === 'dist',
  })
    .map((file) => file.replaceAll('\\', '/'))
    .sort()
    .map((file) => ({
      path: file,
      lines: readFileSync(path.join(root, file), 'utf8').replace(/\n$/, '').split('\n'),
    }));
}

function readJson(file: string) {
  return JSON.parse(readFileSync(path.join(root, file), 'utf8'));
}
