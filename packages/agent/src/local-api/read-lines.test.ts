import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readLines } from './read-lines.ts';

async function linesOf(chunks: string[], cut = 1): Promise<string[]> {
  async function* body() {
    for (const byte of Buffer.from(chunks.join('')).entries()) {
      if (byte[0] % cut === 0) yield Buffer.from(chunks.join('')).subarray(byte[0], byte[0] + cut);
    }
  }
  const lines: string[] = [];
  for await (const line of readLines(body())) lines.push(line);
  return lines;
}

test('lines come whole, however they are cut', async () => {
  for (const cut of [1, 2, 3, 100]) {
    assert.deepEqual(await linesOf(['{"ä":1}\n', '\n', 'b\n', 'rest'], cut), ['{"ä":1}', '', 'b']);
  }
});

test('an endless line is refused', async () => {
  await assert.rejects(linesOf(['x'.repeat(2 << 20)], 65_536), { code: 'ServiceInvalidReply' });
});
