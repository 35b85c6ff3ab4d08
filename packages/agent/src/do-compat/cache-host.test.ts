import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import {
  content,
  type DoWorld,
  doWorld,
  started,
  statusWhen,
} from './testing/do-world.test-kit.ts';

interface CacheWorld extends AsyncDisposable {
  w: DoWorld;
  cache: MisbehavingSource;
  /** Downloads the file. @returns how many requests cache and source got for it. */
  get(name: string): Promise<{ cache: number; source: number }>;
}

async function cacheWorld(config: object = {}): Promise<CacheWorld> {
  const stack = new AsyncDisposableStack();
  const cache = stack.use(await MisbehavingSource.start(content));
  const host = new URL(cache.origin).host;
  const w = stack.use(
    await doWorld({ config: { DOCacheHost: host, ...config }, hasNetwork: () => true }),
  );
  const get = async (name: string) => {
    const before = [cache.requests.length, w.source.requests.length] as const;
    const Id = await started(w.client, `${w.source.url()}?a=b`, w.device.path(name));
    await statusWhen(w.client, Id, (s) => s.Status === 'Transferred');
    await w.client.ok('POST', 'finalize', { Id });
    assert.ok((await w.device.read(name)).equals(content));
    return {
      cache: cache.requests.length - before[0],
      source: w.source.requests.length - before[1],
    };
  };
  return { w, cache, get, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

suite('the cache host of the configuration (do-client-contract.md §6)', () => {
  test('is asked in place of the source, which it is told', async () => {
    await using all = await cacheWorld();
    const asked = await all.get('out');
    assert.equal(asked.source, 0);
    const { host } = new URL(all.w.source.origin);
    assert.equal(all.cache.requests[0]?.path, `/file?a=b&cacheHostOrigin=${host}`);
  });

  test('that refuses: the source is asked, and for a quarter of an hour the cache host is not', async () => {
    await using all = await cacheWorld();
    all.cache.misbehave = (_request, response) => {
      response.writeHead(404).end();
      return 'answered';
    };
    const first = await all.get('out');
    assert.ok(first.cache > 0 && first.source > 0);
    assert.equal((await all.get('again')).cache, 0);
  });

  test('that fails may be asked again', async () => {
    await using all = await cacheWorld();
    all.cache.misbehave = (_request, response) => {
      response.writeHead(503).end();
      return 'answered';
    };
    assert.ok((await all.get('out')).source > 0);
    all.cache.misbehave = () => undefined;
    assert.ok((await all.get('again')).cache > 0);
  });

  test('that is not there costs a moment once', async () => {
    await using all = await cacheWorld({ DOCacheHost: '127.0.0.1:1' });
    await all.get('out');
    const startedAt = all.w.device.clock.now();
    await all.get('again');
    assert.ok(all.w.device.clock.now() - startedAt < 900);
  });

  test('turned off by an empty name', async () => {
    await using all = await cacheWorld({ DOCacheHost: '' });
    const asked = await all.get('out');
    assert.deepEqual([asked.cache, asked.source > 0], [0, true]);
  });
});
