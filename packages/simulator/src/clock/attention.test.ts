import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Attention } from './attention.ts';

function among(...indexes: number[]) {
  const attention = new Attention();
  const acted: number[] = [];
  for (const index of indexes) attention.add({ index, act: () => acted.push(index) });
  const act = () => {
    attention.act();
    return acted.splice(0);
  };
  return { attention, act };
}

test('who is woken acts once in a step, in turn', () => {
  const { attention, act } = among(0, 1, 500);
  for (const index of [500, 0, 500]) attention.wake(index);
  assert.deepEqual(act(), [500, 0]);
  assert.deepEqual(act(), []);
});

test('news wakes who heeds it; others read it when they act', () => {
  const { attention, act } = among(0, 1);
  attention.setHeeds(1, true);
  for (const index of [0, 1, 7]) attention.tell(index);
  assert.deepEqual(act(), [1], 'nobody is there with number 7');
  assert.deepEqual([attention.takeNews(0), attention.takeNews(0)], [true, false]);
  attention.setHeeds(1, false);
  attention.tell(1);
  assert.deepEqual(act(), []);
});

test('who wakes somebody by acting does so for the next step', () => {
  const attention = new Attention();
  const acted: number[] = [];
  attention.add({ index: 0, act: () => acted.push(0) && attention.wake(1) });
  attention.add({ index: 1, act: () => acted.push(1) });
  attention.wake(0);
  attention.act();
  assert.deepEqual(acted, [0]);
  attention.act();
  assert.deepEqual(acted, [0, 1]);
});
