import { globSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

/** Test files of one process. */
const filesOfGroup = 32;

/**
 * Writes files that import the test files of the packages and of the lab, a group each, and gives their paths. The
 * runner starts a process for each file that it is given: 370 starts and the compiling of what they import are a third of the run.
 * Neighbours are dealt to different groups, so that these take about as long.
 */
export function testGroups(root: string): string[] {
  const folder = path.join(root, 'node_modules', '.cache', 'test-groups');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const names = ['lab', ...readdirSync(path.join(root, 'packages'))];
  return names.flatMap((name) => {
    const place = name === 'lab' ? 'lab' : `packages/${name}/src`;
    // The lab's own test runs the lab, for a minute, while others run.
    const exclude = ['lab/lab.test.ts'];
    const files = globSync(`${place}/**/*.test.ts`, { cwd: root, exclude }).sort();
    const groups = Math.ceil(files.length / filesOfGroup);
    return Array.from({ length: groups }, (_, group) => {
      const imports = files
        .filter((_file, i) => i % groups === group)
        .map((file) => `import ${JSON.stringify(pathToFileURL(path.join(root, file)).href)};\n`);
      const file = path.join(folder, `${name}-${group + 1}.test.js`);
      writeFileSync(file, imports.join(''));
      return file;
    });
  });
}
