import assert from 'node:assert/strict';
import { test } from 'node:test';
import { paintAnsi, paintFor } from './colour.ts';

const terminal = { isTTY: true };
const pipe = {};

test('colours are for terminals', () => {
  assert.equal(paintFor(terminal, {})('red', 'x'), '\x1b[31mx\x1b[39m');
  assert.equal(paintFor(pipe, {})('red', 'x'), 'x');
  assert.equal(paintFor(terminal, { TERM: 'dumb' })('red', 'x'), 'x');
});

test('NO_COLOR and FORCE_COLOR overrule the terminal, NO_COLOR both', () => {
  assert.equal(paintFor(terminal, { NO_COLOR: '1' })('red', 'x'), 'x');
  assert.equal(paintFor(terminal, { NO_COLOR: '' })('red', 'x'), '\x1b[31mx\x1b[39m');
  assert.equal(paintFor(pipe, { FORCE_COLOR: '1' })('red', 'x'), '\x1b[31mx\x1b[39m');
  assert.equal(paintFor(terminal, { FORCE_COLOR: '0' })('red', 'x'), 'x');
  assert.equal(paintFor(pipe, { NO_COLOR: '1', FORCE_COLOR: '1' })('red', 'x'), 'x');
});

test('an empty text stays empty', () => assert.equal(paintAnsi('red', ''), ''));
