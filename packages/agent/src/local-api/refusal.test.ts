import assert from 'node:assert/strict';
import { test } from 'node:test';
import { world } from './jobs-world.test-kit.ts';

test('a refusal comes with the agent’s remedy, and the number of Delivery Optimization', async () => {
  await using w = await world();
  await assert.rejects(w.client.admin.pin({ FileId: 'nope', IsPinned: true }), {
    code: 'ServiceRefused',
    message: 'the agent refused: 404 the store has no file nope (0x80070490)',
    remedy: 'List those it has with `sluice cache list`.',
  });
  const Request = { Url: 'ftp://nowhere', Output: '/x' };
  await assert.rejects(w.client.download(Request), ({ message, remedy }) => {
    assert.doesNotMatch(message, /0x/);
    assert.match(remedy, /^See --help/);
    return true;
  });
});
