import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ManualClock } from '../clock/index.ts';
import { formatTraceparent, parseTraceparent } from './traceparent.ts';
import { Tracer } from './tracer.ts';

/** A tracer whose ids count up, and the collector that it sends to. */
function setUp(endpoint = 'http://collector:4318/') {
  const clock = new ManualClock();
  const asked: { url: string; body: unknown }[] = [];
  const collector = { status: 200, hangs: false };
  const losses: object[] = [];
  let made = 0;
  const tracer = new Tracer({
    ...{ endpoint, service: 'sluice-test', clock },
    now: () => 1_800_000_000_000 + clock.now(),
    randomBytes: (length) => new Uint8Array(length).fill(++made),
    fetch: async (url, init) => {
      asked.push({ url: `${url}`, body: JSON.parse(`${init?.body}`) });
      if (!collector.hangs) return new Response(null, { status: collector.status });
      return new Promise((_, reject) => {
        init?.signal?.addEventListener('abort', () => reject(init.signal?.reason));
      });
    },
    logger: { warn: ({ err: _, ...facts }: { err?: unknown }) => losses.push(facts) },
  });
  return { clock, tracer, asked, collector, losses };
}

test('spans go together, in the JSON of OTLP', async () => {
  const { clock, tracer, asked } = setUp();
  const parent = parseTraceparent(`00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`);
  const span = tracer.begin('GET', 'server', parent);
  const child = span.child('policy', 'client');
  clock.advance(5);
  child.set('http.response.status_code', 404);
  child.set('unknown', undefined);
  child.end('it is not there');
  child.end();
  span.set('server.address', 'x'.repeat(1000));
  span.end();
  assert.equal(asked.length, 0);
  clock.advance(1_000);
  await tracer.flush();
  const common = { traceId: 'a'.repeat(32), startTimeUnixNano: '1800000000000000000' };
  const scope = { name: 'sluice' };
  const spans = [
    {
      ...{ ...common, spanId: '02'.repeat(8), parentSpanId: '01'.repeat(8) },
      ...{ name: 'policy', kind: 3, endTimeUnixNano: '1800000000005000000' },
      attributes: [{ key: 'http.response.status_code', value: { intValue: '404' } }],
      status: { code: 2, message: 'it is not there' },
    },
    {
      ...{ ...common, spanId: '01'.repeat(8), parentSpanId: 'b'.repeat(16) },
      ...{ name: 'GET', kind: 2, endTimeUnixNano: '1800000000005000000' },
      attributes: [{ key: 'server.address', value: { stringValue: 'x'.repeat(256) } }],
      status: {},
    },
  ];
  const resource = {
    attributes: [{ key: 'service.name', value: { stringValue: 'sluice-test' } }],
  };
  assert.deepEqual(asked, [
    {
      url: 'http://collector:4318/v1/traces',
      body: { resourceSpans: [{ resource, scopeSpans: [{ scope, spans }] }] },
    },
  ]);
  assert.equal(child.traceparent, `00-${'a'.repeat(32)}-${'02'.repeat(8)}-01`);
});

test('what the collector does not take, and what is too much, is dropped and counted', async () => {
  const { clock, tracer, asked, collector, losses } = setUp();
  const end = (count: number) => {
    for (let i = 0; i < count; i++) tracer.begin('x', 'internal').end();
  };
  collector.status = 503;
  end(3);
  await tracer.flush();
  assert.deepEqual(losses, [{ spans: 3, lost: 3 }]);
  collector.hangs = true;
  end(1);
  const gone = tracer.flush();
  end(5_000);
  collector.hangs = false;
  collector.status = 200;
  clock.advance(2_000);
  await gone;
  const tooMany = 5_000 - 4_096;
  assert.deepEqual(losses.slice(1), [
    { spans: 1, lost: 4 },
    { spans: tooMany, lost: 4 + tooMany },
  ]);
  assert.equal(asked.length, 2 + 4_096 / 512);
  end(1);
  await tracer.flush();
  assert.equal(losses.length, 3, 'it goes on');
});

test('a traceparent is read as it is written, or not at all', () => {
  const context = { traceId: '1'.repeat(32), spanId: '2'.repeat(16), sampled: true };
  const good = formatTraceparent(context);
  assert.deepEqual(parseTraceparent(good), context);
  assert.equal(parseTraceparent(good.replace(/01$/, '00'))?.sampled, false);
  assert.deepEqual(parseTraceparent(`${good}-more`), context, 'of a later version');
  const bad = [undefined, '', `${good}x`, `ff${good.slice(2)}`, good.replaceAll('1', '0')];
  for (const text of [...bad, good.replaceAll('2', '0'), [good]]) {
    assert.equal(parseTraceparent(text), undefined);
  }
  for (const endpoint of ['collector:4318', 'ftp://x', '']) {
    assert.throws(() => setUp(endpoint), { code: 'InvalidArgument' });
  }
});
