import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sluiceError } from '@sluice/protocol';
import { Findings } from './findings.ts';

test('notes and refusals come from the same findings, and are bounded', () => {
  const findings = new Findings();
  const error = (n: number) => sluiceError('SourceReset', { url: `http://s/${n}`, detail: 'x' });
  for (let n = 0; n < 500; n++) {
    findings.add({ what: 'begunAnew', error: error(n) });
    findings.add({ what: 'gaveUp', kind: 'http', label: 'http://s', error: error(n) });
  }
  assert.equal(findings.notes().length, 100);
  assert.equal(findings.notes()[0], 'http://s/0: the connection was lost (x): begun anew');
  assert.equal(findings.ruledOut().length, 100);
});

test('a gate’s refusal is told as it is', () => {
  const findings = new Findings();
  const refusal = {
    rule: 'DOMinRAMAllowedToPeer',
    limit: 'at least 4 GB of memory',
    actual: '2 GB',
    affects: 'download',
    remedy: 'Set DOMinRAMAllowedToPeer lower, or fit more memory.',
  } as const;
  findings.refuse(refusal);
  assert.deepEqual(findings.ruledOut(), [{ ruledOut: refusal, count: 1, subjects: [] }]);
  assert.deepEqual(findings.notes(), []);
});
