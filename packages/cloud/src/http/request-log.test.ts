import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { pino } from 'pino';
import { startCloud } from '../cloud.test-support.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';

async function logged(t: Parameters<typeof startCloud>[0], trustedProxies: string[]) {
  const lines: Record<string, unknown>[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const cloud = await startCloud(t, { trustedProxies, logger: pino({ level: 'debug' }, stream) });
  /** The line of a request; it is written when the answer has gone. */
  const lineOf = async (id: unknown) => {
    for (;;) {
      const line = lines.find((l) => l.msg === 'request' && l.requestId === id);
      if (line) return line;
      await new Promise(setImmediate);
    }
  };
  return { ...cloud, lineOf, lines };
}

test('a line for each request: by its route, with the trace of the caller and the id that a trusted proxy gave', async (t) => {
  const { ask, admin, lineOf, lines } = await logged(t, ['127.0.0.0/8']);
  const headers = { 'x-request-id': 'abc-1', traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const read = await ask('/content/x/contentpolicy?altCatalogId=http%3A%2F%2Fh%2F%3Fsig%3Dgeheim', {
    headers,
  });
  assert.equal(read.headers['x-request-id'], 'abc-1');
  const { level, method, route, status, traceId: trace } = await lineOf('abc-1');
  const facts = [level, method, route, status, trace];
  assert.deepEqual(facts, [20, 'GET', '/content/:contentId/contentpolicy', 404, traceId]);

  const changed = await admin('/admin/content/x', { method: 'DELETE' });
  const line = await lineOf(changed.headers['x-request-id']);
  assert.deepEqual([line.level, line.user, line.status], [30, 'admin-token', 404]);
  assert.doesNotMatch(JSON.stringify(lines), /geheim/);
});

test('ids that anybody or nobody gave, and traces that are none, are not taken', async (t) => {
  const { ask, lineOf } = await logged(t, []);
  const id = '[0-9a-f]{8}-[0-9a-f-]{27}';
  for (const traceparent of [
    '00-xyz',
    `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`,
    `ff-${traceId}`,
  ]) {
    const answer = await ask('/geo', { headers: { 'x-request-id': 'mine', traceparent } });
    assert.match(String(answer.headers['x-request-id']), new RegExp(`^${id}$`));
    assert.equal((await lineOf(answer.headers['x-request-id'])).traceId, undefined);
  }
  const behind = await logged(t, ['127.0.0.1']);
  const bad = await behind.ask('/geo', { headers: { 'x-request-id': 'a b"c' } });
  assert.match(String(bad.headers['x-request-id']), new RegExp(`^${id}$`));
});
