import assert from 'node:assert/strict';
import { chmod, mkdir, rename, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { createPiecesHashFile } from '@sluice/agent';
import { contentIdOf, type PublishRequest, sluiceError } from '@sluice/protocol';
import { temporaryHome } from '../run-cli.test-support.ts';
import { filesToPublish } from './files-to-publish.ts';
import { HashedFiles } from './hashed-files.ts';
import type { KnownContent } from './known-content.ts';
import { type PublishedFile, type PublishParts, publishFiles } from './publish-files.ts';
import { exitCodeOf } from './published-files.ts';

const base = 'http://CDN.example.com/base';

test('URLs follow paths; hidden files, links and the like in folders are passed over', async () => {
  await using home = await temporaryHome();
  for (const folder of ['d/sub dir', 'd/.git', 'e']) {
    await mkdir(home.path(folder), { recursive: true });
  }
  for (const name of ['sub dir/ü #?%.bin', 'libstdc++6_1:2@x,y;=&$.deb', '.hidden', '.git/x']) {
    await writeFile(home.path('d', name), name);
  }
  await symlink('/etc', home.path('d/etc'));
  await symlink(home.path('d/.hidden'), home.path('linked'));
  const { files, passedOver } = await filesToPublish(
    [home.path('d/'), home.path('linked'), home.path('none')],
    base,
  );
  assert.deepEqual(
    files.map(({ url, size }) => [url.replace('http://cdn.example.com/base/', ''), size]),
    [
      ['libstdc++6_1:2@x,y;=&$.deb', 26],
      ['sub%20dir/%C3%BC%20%23%3F%25.bin', 18],
      ['linked', 7],
      ['none', 0],
    ],
  );
  assert.match(files[3]!.fault!.message, /none cannot be read/);
  assert.deepEqual(passedOver, { hidden: 2, links: 1, others: 0 });
  await assert.rejects(filesToPublish([home.path('e')], base), /no file in/);
  await writeFile(home.path('e/linked'), '');
  await assert.rejects(
    filesToPublish([home.path('e'), home.path('linked')], base),
    /e\/linked and .*\/linked would both be http/,
  );
});

/** A cloud that takes everything, but what `refuse` throws for. */
class Cloud {
  readonly contents = new Map<string, KnownContent>();
  readonly posts: PublishRequest[] = [];
  refuse: (request: PublishRequest) => void = () => {};
  async find(contentId: string): Promise<KnownContent | undefined> {
    return this.contents.get(contentId);
  }
  async post(request: PublishRequest) {
    this.refuse(request);
    this.posts.push(request);
    const hashOfHashes = request.Phf.HashOfHashes;
    const ContentId = contentIdOf(hashOfHashes);
    const known = this.contents.get(ContentId);
    const urls = [...(known?.urls ?? []), ...request.Urls];
    const tenants = request.Tenant === undefined ? [] : [request.Tenant];
    this.contents.set(ContentId, { hashOfHashes, urls, tenants });
    return {
      ...{ ContentId, HashOfHashes: hashOfHashes, Created: !known, Urls: urls, MovedUrls: [] },
      PiecesHashFileUrl: 'http://h/',
    };
  }
}

async function world() {
  const home = await temporaryHome();
  await mkdir(home.path('d'));
  for (const name of ['a', 'b', 'c']) await writeFile(home.path('d', name), `of ${name}`);
  const cloud = new Cloud();
  const stop = new AbortController();
  const hashes: string[] = [];
  const state = home.path('state/hashed.json');
  // What was changed just now is not remembered: these files are older.
  const later = () => Date.now() + 60_000;
  const publish = async (parts: Partial<PublishParts> = {}) => {
    const { files } = await filesToPublish([home.path('d')], base);
    const hashed = await HashedFiles.open(state);
    const hash: PublishParts['hash'] = (file) => {
      hashes.push(file.at(-1)!);
      return createPiecesHashFile(file, { signal: stop.signal });
    };
    const results = await publishFiles(files, {
      ...{ cloud, hash, hashed, wallTime: later, atOnce: 2, onProgress() {}, signal: stop.signal },
      ...parts,
    });
    await hashed.save();
    return results;
  };
  const hashedNow = () => hashes.splice(0).sort().join('');
  return {
    home,
    cloud,
    stop,
    state,
    publish,
    hashedNow,
    [Symbol.asyncDispose]: home[Symbol.asyncDispose],
  };
}

const statuses = (results: PublishedFile[]) => results.map(({ outcome }) => outcome.status).join();

suite('publishing many files', () => {
  test('again: what did not change is not read, what the cloud lost is', async () => {
    await using w = await world();
    assert.equal(statuses(await w.publish()), 'Published,Published,Published');
    assert.equal(w.hashedNow(), 'abc');
    await writeFile(w.home.path('d/b'), 'OF b');
    w.cloud.contents.delete(
      contentIdOf((await createPiecesHashFile(w.home.path('d/c'))).hashOfHashes),
    );
    assert.equal(statuses(await w.publish()), 'Already,Published,Published');
    assert.equal(w.hashedNow(), 'bc');
    assert.equal(w.cloud.posts.length, 5);
    // Without what was remembered all is read, and nothing said twice.
    await writeFile(w.state, '{"no": "rows"}');
    assert.equal(statuses(await w.publish()), 'Already,Already,Already');
    assert.deepEqual([w.hashedNow(), w.cloud.posts.length], ['abc', 5]);
    assert.equal(statuses(await w.publish({ tenant: 't' })), 'Published,Published,Published');
    assert.equal(statuses(await w.publish({ tenant: 't' })), 'Already,Already,Already');
    assert.equal(w.cloud.posts.at(-1)!.Tenant, 't');
    w.hashedNow();
    assert.equal(
      statuses(await w.publish({ tenant: 't', sign: () => undefined })),
      'Already,Already,Already',
    );
    assert.deepEqual([w.hashedNow(), w.cloud.posts.length], ['abc', 11], 'signed anew');
  });

  test('a change behind an old mtime, and one of just now, are seen', async () => {
    await using w = await world();
    await w.publish();
    const file = w.home.path('d/a');
    const { mtime } = await stat(file);
    await writeFile(file, 'OF a');
    await utimes(file, mtime, mtime);
    assert.equal(statuses(await w.publish({ wallTime: () => 0 })), 'Published,Already,Already');
    w.hashedNow();
    assert.equal(statuses(await w.publish()), 'Already,Already,Already');
    assert.equal(w.hashedNow(), 'a', 'as hashed too soon after its change');
  });

  test('what fails with one does not stop the rest; the exit code is of the worst', async () => {
    await using w = await world();
    const gone = w.home.path('d/b');
    const { files } = await filesToPublish([w.home.path('d')], base);
    await rename(gone, w.home.path('moved'));
    w.cloud.refuse = ({ Urls }) => {
      if (Urls[0]!.endsWith('/a')) throw sluiceError('ServiceRefused', { status: 409 });
    };
    const hashed = await HashedFiles.open(w.state);
    const hash: PublishParts['hash'] = (file) => createPiecesHashFile(file);
    const results = await publishFiles(files, {
      ...{ cloud: w.cloud, hash, hashed, wallTime: Date.now, atOnce: 1, onProgress() {} },
      signal: w.stop.signal,
    });
    assert.equal(statuses(results), 'Failed,Failed,Published');
    assert.equal(exitCodeOf(results), 8);
    assert.equal(exitCodeOf(results.slice(1)), 6);
    assert.equal(exitCodeOf(results.slice(2)), 0);
  });

  test('stopped: what is done stays, the next run goes on from there', async () => {
    await using w = await world();
    const cloud = w.cloud;
    cloud.refuse = ({ Urls }) => {
      if (Urls[0]!.endsWith('/b')) w.stop.abort();
      if (w.stop.signal.aborted) throw sluiceError('Cancelled');
    };
    const results = await w.publish({ atOnce: 1 });
    assert.equal(statuses(results), 'Published,NotDone,NotDone');
    assert.equal(exitCodeOf(results), 130);
    cloud.refuse = () => {};
    w.hashedNow();
    const signal = new AbortController().signal;
    const again = await w.publish({ signal, hash: (file) => createPiecesHashFile(file) });
    assert.equal(statuses(again), 'Already,Published,Published');
  });

  test('as many at once as may be, and progress adds up', async () => {
    await using w = await world();
    let running = 0;
    let most = 0;
    let last = [0, 0];
    const hash: PublishParts['hash'] = async (file, onBytes) => {
      most = Math.max(most, ++running);
      onBytes(2);
      const phf = await createPiecesHashFile(file);
      running--;
      return phf;
    };
    const onProgress = (...both: [number, number]) => {
      assert.ok(both[0] >= last[0]! && both[0] <= both[1]);
      last = both;
    };
    await w.publish({ hash, onProgress, atOnce: 2 });
    assert.deepEqual([most, last], [2, [12, 12]]);
  });
});

test('a folder that cannot be read is a failure among others', {
  skip: process.getuid?.() === 0,
}, async () => {
  await using home = await temporaryHome();
  await mkdir(home.path('d/closed'), { recursive: true });
  await writeFile(home.path('d/open'), 'x');
  await chmod(home.path('d/closed'), 0);
  const { files } = await filesToPublish([home.path('d')], base);
  assert.deepEqual(
    files.map(({ fault }) => fault !== undefined),
    [true, false],
  );
});
