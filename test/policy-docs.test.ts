import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { policyNames, policySpec } from '@sluice/protocol/policy';
import { policyDocs } from '../scripts/policy-docs/render.ts';
import { root } from './workspace/packages.ts';

test('docs/policies.md and the schema are what the catalogue makes', () => {
  for (const [file, text] of Object.entries(policyDocs())) {
    const there = readFileSync(path.join(root, file), 'utf8');
    assert.ok(there === text, `${file} is not current: npm run docs:policies`);
  }
});

test('every policy has a line with its state, and none without effect hides it', () => {
  const page = policyDocs()['docs/policies.md']!;
  for (const name of policyNames) {
    const line = page.split('\n').find((l) => l.startsWith(`| [${name}](`));
    const isIdle = policySpec(name).state !== 'acts';
    assert.equal(line?.includes('not acted on yet'), isIdle, name);
  }
});
