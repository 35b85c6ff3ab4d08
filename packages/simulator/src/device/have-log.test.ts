import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import { HaveLog, HaveLogs } from './have-log.ts';

test('each device keeps its own log, and what it told, however many there are', () => {
  const logs = new HaveLogs();
  const pieceCount = 100;
  const devices = Array.from({ length: 100 }, () => new HaveLog(logs, new PieceMap(pieceCount)));
  for (let k = 0; k < pieceCount; k++) {
    for (const [d, log] of devices.entries()) assert.ok(log.add((d + k) % pieceCount));
  }
  for (const [d, log] of devices.entries()) {
    assert.equal(log.add(d), false);
    assert.equal(logs.pieces[log.first], d);
    assert.equal(logs.pieces[log.first + 99], (d + 99) % pieceCount);
    log.tell(1, d);
    log.tell(5, d + 1);
    // What was on its way for longer says nothing new.
    log.tell(1, d - 1);
  }
  for (const [d, log] of devices.entries()) {
    assert.deepEqual(
      [1, 5].map((ms) => logs.told[log.toldAfter(ms)]),
      [Math.max(d, 100), Math.max(d + 1, 100)],
    );
  }
});
