import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { suite, test } from 'node:test';
import { importsOf } from './workspace/imports-of.ts';
import {
  allowedPackages,
  type Package,
  readPackages,
  root,
  sourceFiles,
} from './workspace/packages.ts';

/** Built-in modules that the pure packages may use: no I/O, no timers, nothing of the host. */
const pureModules = new Set(['node:crypto', 'node:buffer']);
const purePackages = new Set(['protocol', 'engine']);
/** What packages offer beside their index. */
const faces = [
  '@sluice/agent/do-compat',
  '@sluice/agent/events',
  '@sluice/agent/local-api',
  '@sluice/agent/policy',
  '@sluice/cloud/registry',
  '@sluice/cloud/testing',
  '@sluice/protocol/policy',
  '@sluice/protocol/schemas',
];
/** From whom packages may import that one face only. */
const faceOnly: Record<string, string> = { simulator: '@sluice/cloud/registry' };
/** What browsers load is built into files: what they need of other people's packages is there for the build only. */
const browserCode = /^packages\/console\/app\//;
/** What makes a result depend on more than the arguments. */
const impure =
  /\b(?:setTimeout|setInterval|setImmediate|Date\.now|performance\.now|Math\.random|process\.env)\b/;

const maxLines = 300;

suite('the rooms of the workspace (ARCHITECTURE.md)', () => {
  const packages = readPackages();

  test('every package is known, and its package.json names allowed packages only', () => {
    assert.deepEqual(packages.map((p) => p.name).sort(), Object.keys(allowedPackages).sort());
    for (const p of packages) {
      const ours = Object.keys(p.dependencies).filter((name) => name.startsWith('@sluice/'));
      const allowed = allowedPackages[p.name]!.map((name) => `@sluice/${name}`);
      assert.deepEqual(
        ours.filter((name) => !allowed.includes(name)),
        [],
        `${p.name}/package.json`,
      );
    }
  });

  for (const p of packages) {
    test(`${p.name} imports what it may, by the front door`, () => {
      const wrong = sourceFiles(p.folder).flatMap((file) => wrongImports(p, file));
      assert.deepEqual(wrong, []);
    });
  }

  test('protocol and engine are pure: no clock, no randomness, no environment', () => {
    const wrong = packages
      .filter((p) => purePackages.has(p.name))
      .flatMap((p) => sourceFiles(p.folder))
      .filter((file) => isProduct(file.path))
      .flatMap((file) =>
        file.lines.flatMap((line, i) =>
          impure.test(withoutComment(line)) ? [`${file.path}:${i + 1} ${line.trim()}`] : [],
        ),
      );
    assert.deepEqual(wrong, []);
  });

  test('the face of a package is a module comment and exports', () => {
    for (const p of packages) {
      const index = sourceFiles(p.folder).find((f) => f.path === `${p.folder}/src/index.ts`);
      assert.ok(index, `${p.folder}/src/index.ts`);
      const code = index.lines.join('\n').replace(/\/\*\*[\s\S]*?\*\//g, '');
      const rest = code.replace(/export (?:type )?(?:\*|\{[^}]*\})(?: from '[^']+')?;/g, '').trim();
      assert.equal(rest, '', index.path);
    }
  });

  test(`no file is longer than ${maxLines} lines`, () => {
    const long = ['packages', 'test', 'bench', 'scripts', 'lab', 'integrations']
      .flatMap((folder) => sourceFiles(folder))
      .filter((file) => file.lines.length > maxLines)
      .map((file) => `${file.path} ${file.lines.length}`);
    assert.deepEqual(long, []);
  });

  test('tests and benchmarks of the workspace use packages by the front door too', () => {
    const wrong = ['test', 'bench', 'scripts', 'lab']
      .flatMap((folder) => sourceFiles(folder))
      .flatMap((file) =>
        importsOf(file.lines.join('\n'))
          .filter((specifier) => isDeepImport(specifier) || leadsInto(file.path, specifier))
          .map((specifier) => `${file.path} imports ${specifier}`),
      );
    assert.deepEqual(wrong, []);
  });
});

function wrongImports(p: Package, file: { path: string; lines: string[] }): string[] {
  return importsOf(file.lines.join('\n')).flatMap((specifier) => {
    const fault = faultOf(p, file.path, specifier);
    return fault ? [`${file.path} imports ${specifier}: ${fault}`] : [];
  });
}

function faultOf(p: Package, file: string, specifier: string): string | undefined {
  if (specifier.startsWith('.')) return relativeFault(p, file, specifier);
  if (specifier.startsWith('node:')) {
    const pure = purePackages.has(p.name) && isProduct(file);
    return pure && !pureModules.has(specifier) ? 'a pure package has no use for it' : undefined;
  }
  if (isDeepImport(specifier)) return 'past the front doors';
  const name = specifier.startsWith('@')
    ? specifier.split('/').slice(0, 2).join('/')
    : specifier.split('/')[0]!;
  const own = name.startsWith('@sluice/') && name.slice('@sluice/'.length);
  if (own === p.name) return isProduct(file) ? 'a package is not its own guest' : undefined;
  if (own && !allowedPackages[p.name]!.includes(own)) return 'not in this direction';
  const face = faceOnly[p.name];
  if (face?.startsWith(`${name}/`) && specifier !== face) return `only ${face}`;
  const onlyRuns = isProduct(file) && !browserCode.test(file);
  const declared = onlyRuns ? p.dependencies : { ...p.devDependencies, ...p.dependencies };
  return name in declared ? undefined : 'not in package.json';
}

function relativeFault(p: Package, file: string, specifier: string): string | undefined {
  const target = path.join(path.dirname(file), specifier);
  if (!target.startsWith(`${p.folder}/`)) return 'outside the package';
  if (isProduct(file) && !isProduct(target)) return 'product code uses test code';
  return existsSync(path.join(root, target)) ? undefined : 'there is no such file';
}

function isDeepImport(specifier: string): boolean {
  return /^@sluice\/[^/]+\//.test(specifier) && !faces.includes(specifier);
}

/** Whether it is a path into a package; the command itself is there to be run. */
function leadsInto(file: string, specifier: string): boolean {
  const target = path.join(path.dirname(file), specifier);
  return specifier.startsWith('.') && /^packages\/(?!cli\/bin\/)/.test(target);
}

/** Neither a test nor what only tests and benchmarks use (`*.test-kit.ts`, `*.contract.ts`, …). */
function isProduct(file: string): boolean {
  return !/\.(?:test|contract)\b[^/]*\.ts$|\/(?:bench|testing)\//.test(file);
}

function withoutComment(line: string): string {
  return line.replace(/^\s*(?:\/?\*).*$/, '').replace(/\/\/.*$/, '');
}
