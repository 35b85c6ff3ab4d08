import assert from 'node:assert/strict';
import { it } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { Watchdog } from './watchdog.ts';

it('watchdog fires after the time without progress, once', () => {
  const clock = new ManualClock();
  const dog = new Watchdog(clock);
  let fired = 0;
  dog.start(100, () => fired++);
  clock.advance(60);
  dog.progress();
  clock.advance(99);
  assert.equal(fired, 0);
  clock.advance(1);
  assert.equal(fired, 1);
  clock.advance(1000);
  assert.equal(fired, 1);
  dog.start(100, () => fired++);
  clock.advance(50);
  dog.start(100, () => fired++);
  clock.advance(99);
  dog.stop();
  clock.advance(1000);
  assert.equal(fired, 1);
  assert.equal(clock.pending, 0);
});
