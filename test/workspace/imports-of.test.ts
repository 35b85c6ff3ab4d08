import assert from 'node:assert/strict';
import { test } from 'node:test';
import { importsOf } from './imports-of.ts';

test('finds every form of import, and none in comments', () => {
  const source = `
/**
 * import a from 'in-a-comment';
 */
// import b from 'in-a-line-comment';
import c, { d } from 'c';
import type { E } from './e.ts';
import './f.ts';
export * from 'g';
export {
  h,
  type I,
} from '@sluice/h';
const j = await import('j');
const { k } = await import(
  'k'
);
new Worker(new URL('./l-thread.ts', import.meta.url));
const m = { from: 'm' };
`;
  assert.deepEqual(importsOf(source).sort(), [
    './e.ts',
    './f.ts',
    './l-thread.ts',
    '@sluice/h',
    'c',
    'g',
    'j',
    'k',
  ]);
});
