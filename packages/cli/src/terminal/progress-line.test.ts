import assert from 'node:assert/strict';
import { test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { paintAnsi, paintPlain } from './colour.ts';
import { type ProgressView, progressLine } from './progress-line.ts';

const mib = 1024 ** 2;
const view: ProgressView = {
  done: 32 * mib,
  total: 64 * mib,
  rate: 8 * mib,
  shares: [
    { name: 'http', bytes: 8 * mib, colour: 'blue' },
    { name: 'LAN', bytes: 24 * mib, colour: 'green' },
  ],
};

test('shows percent, bar, bytes, rate, ETA and where the bytes came from', () => {
  assert.equal(
    progressLine(view, 120, paintPlain, 'device 1'),
    'device 1  50 % [===============              ] 32.0 MiB of 64.0 MiB  8.00 MiB/s  ETA 0:04   http 8.00 MiB, LAN 24.0 MiB',
  );
});

test('leaves out what does not fit, the least important first', () => {
  const at = (width: number) => progressLine(view, width, paintPlain);
  assert.doesNotMatch(at(80), /http/);
  assert.match(at(80), /32\.0 MiB of 64\.0 MiB {2}8\.00 MiB\/s {2}ETA 0:04$/);
  assert.doesNotMatch(at(50), / of /);
  assert.match(at(50), /8\.00 MiB\/s {2}ETA 0:04$/);
  assert.match(at(30), /MiB\/s$/);
  assert.equal(at(4), ' 50 ');
});

test('the bar has the colours of the sources in proportion', () => {
  const line = progressLine(view, 140, paintAnsi);
  const cells = (code: number) => line.split(`\x1b[${code}m`)[1]?.split('\x1b')[0]?.length;
  assert.equal(cells(34), 5);
  assert.equal(cells(32), 15);
});

test('without a known length there is no percent and no ETA', () => {
  const line = progressLine(
    { done: 5 * mib, total: undefined, rate: mib, shares: [] },
    80,
    paintPlain,
  );
  assert.equal(line, ` [${' '.repeat(40)}] 5.00 MiB  1.00 MiB/s`);
});

test('a state stands in place of rate and ETA', () => {
  const line = progressLine({ ...view, done: 64 * mib, state: 'done' }, 70, paintPlain);
  assert.match(line, /100 % \[=+\] 64\.0 MiB of 64\.0 MiB {2}done$/);
});

test('fits any width, whatever it shows', () => {
  const bytes = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }));
  const share = fc.record({
    name: fc.constantFrom('http' as const, 'LAN' as const, 'internet' as const),
    bytes,
    colour: fc.constantFrom('blue' as const, 'green' as const),
  });
  const views = fc.record({
    done: bytes,
    total: fc.option(bytes, { nil: undefined }),
    rate: bytes,
    shares: fc.array(share, { maxLength: 4 }),
    state: fc.constantFrom(undefined, 'done'),
  });
  fc.assert(
    fc.property(views, fc.integer({ min: 0, max: 250 }), fc.string(), (v, width, label) => {
      const name = label.replace(/[^\x21-\x7e]/g, '');
      const line = stripVTControlCharacters(progressLine(v, width, paintAnsi, name));
      assert.ok(line.length <= width, `${line.length} of ${width}: ${line}`);
    }),
  );
});
