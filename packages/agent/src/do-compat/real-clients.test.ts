import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { suite, test } from 'node:test';
import { openDoCompat } from './serve-do-compat.ts';
import { type DoWorld, doWorld } from './testing/do-world.test-kit.ts';
import { discoverPort, type Reply, SdkClient } from './testing/sdk-client.test-kit.ts';

/** What the SDK puts around each of its requests, byte for byte. */
const head = 'Host: 127.0.0.1\r\nUser-Agent: DO-SDK-CPP\r\n\r\n';
const post = (target: string) => `POST ${target} HTTP/1.1\r\n${head}`;
const get = (target: string) => `GET ${target} HTTP/1.1\r\n${head}`;
const noSuchFile = -1060110334;
const exists = -1060110319;
const notSet = -2147023728;

/** Two ways in which releases of the SDK encode a value: as a query, and as data. */
const encodings = {
  'as a query': (text: string) => encodeURI(text).replaceAll('+', '%2B').replaceAll('&', '%26'),
  'as data': (text: string) =>
    encodeURIComponent(text).replace(
      /[!'()*]/g,
      (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
    ),
};

/** One connection, over which the SDK asks one thing after the other; a lost one is made anew, once. */
class Sdk {
  readonly #runDir: string;
  #client: SdkClient | undefined;

  constructor(w: DoWorld) {
    this.#runDir = w.device.path('data-run');
  }

  async send(text: string): Promise<Reply> {
    try {
      this.#client ??= await SdkClient.connect(discoverPort(this.#runDir));
      return await this.#client.raw(text);
    } catch {
      this.#client = await SdkClient.connect(discoverPort(this.#runDir));
      return await this.#client.raw(text);
    }
  }

  /** @returns the values of a success; throws the ErrorCode else. */
  async ask(text: string): Promise<Record<string, string>> {
    const { status, body } = await this.send(text);
    const values = JSON.parse(body);
    if (status !== 200) throw values.ErrorCode;
    return values;
  }

  async create(uri: string, path: string, encode = encodings['as data']): Promise<string> {
    const query = `Uri=${encode(uri)}&DownloadFilePath=${encode(path)}`;
    return (await this.ask(post(`download/create?${query}`))).Id!;
  }

  call(method: string, id: string) {
    return this.ask(post(`download/${method}?Id=${id}`));
  }

  status(id: string) {
    return this.ask(get(`download/getstatus?Id=${id}`));
  }

  async until(id: string, state: string): Promise<Record<string, string>> {
    for (;;) {
      const status = await this.status(id);
      assert.equal(
        Object.keys(status).join(),
        'Status,BytesTotal,BytesTransferred,ErrorCode,ExtendedErrorCode',
      );
      if (status.Status === state) return status;
      assert.ok(status.Status === 'Transferring', JSON.stringify(status));
      await new Promise((done) => setTimeout(done, 5));
    }
  }

  /** The SDK's blocking call: nothing but these requests, in this order. */
  async downloadUrlToPath(uri: string, path: string): Promise<void> {
    const id = await this.create(uri, path);
    await this.call('start', id);
    let status = await this.status(id);
    do {
      await new Promise((done) => setTimeout(done, 5));
      status = await this.status(id);
    } while (status.Status === 'Created' || status.Status === 'Transferring');
    if (status.Status === 'Transferred') {
      await this.call('finalize', id);
      return;
    }
    await this.call('abort', id);
    throw Number(status.ErrorCode);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#client?.[Symbol.asyncDispose]() ?? Promise.resolve();
  }
}

/** Microsoft's interface as after a restart, without an agent yet. */
async function begunAnew(w: DoWorld) {
  const [runDir, configDir] = [w.device.path('data-run'), w.device.path('data-etc')];
  return await openDoCompat({ runDir, configDir, clock: w.device.clock });
}

suite('what Microsoft’s SDK sends, byte for byte', () => {
  for (const [how, encode] of Object.entries(encodings)) {
    test(`a download, its address and path encoded ${how}`, async () => {
      await using w = await doWorld();
      await using sdk = new Sdk(w);
      const address = '/pool/g++_1%2b2~3:4.deb?a=b&c=d+e';
      w.source.objects.set(address.split('?')[0]!, w.source.object);
      const path = w.device.path('a+b (1)&=%20.deb');
      const id = await sdk.create(w.source.url(address), path, encode);
      assert.equal((await sdk.status(id)).Status, 'Created');
      assert.deepEqual(await sdk.call('start', id), {});
      const { BytesTotal, BytesTransferred } = await sdk.until(id, 'Transferred');
      const size = String(w.source.object.content.length);
      assert.deepEqual([BytesTotal, BytesTransferred], [size, size]);
      assert.deepEqual(await sdk.call('finalize', id), {});
      assert.ok((await readFile(path)).equals(w.source.object.content));
      assert.equal((await stat(path)).mode & 0o777, 0o664 & ~process.umask());
      for (const method of ['start', 'pause', 'finalize', 'abort']) {
        await assert.rejects(sdk.call(method, id), (code) => code === notSet);
      }
    });
  }

  test('a caller who gives up: the file is gone when abort is answered', async () => {
    await using w = await doWorld();
    await using sdk = new Sdk(w);
    w.source.limit = 1_000_000;
    const path = w.device.path('f');
    const id = await sdk.create(w.source.url(), path);
    await sdk.call('start', id);
    await w.source.limitReached;
    assert.ok(existsSync(path));
    await sdk.call('abort', id);
    assert.equal(existsSync(path), false);
  });

  test('two downloads to one place: the second hears of it at once, and takes nothing along', async () => {
    await using w = await doWorld();
    await using sdk = new Sdk(w);
    const path = w.device.path('f');
    w.source.limit = 1_000_000;
    const first = await sdk.create(w.source.url(), path);
    await sdk.call('start', first);
    await w.source.limitReached;
    await sdk.call('pause', first);
    const paused = await sdk.status(first);
    assert.deepEqual(
      [paused.Status, paused.ErrorCode, paused.ExtendedErrorCode],
      ['Paused', '0', '0'],
    );
    const second = await sdk.create(w.source.url(), path);
    await assert.rejects(sdk.call('start', second), (code) => code === exists);
    await sdk.call('abort', second);
    assert.ok(existsSync(path));
    await sdk.call('abort', first);
    assert.equal(existsSync(path), false);
    w.source.limit = Number.POSITIVE_INFINITY;
    await sdk.downloadUrlToPath(w.source.url(), path);
  });

  test('paused, while another downloads the same to another place, and resumed', async () => {
    await using w = await doWorld();
    await using sdk = new Sdk(w);
    const [one, two] = [w.device.path('1'), w.device.path('2')];
    const id = await sdk.create(w.source.url(), one);
    await sdk.call('start', id);
    await sdk.call('pause', id);
    const { Status } = await sdk.status(id);
    assert.ok(Status === 'Paused' || Status === 'Transferred', Status);
    await sdk.downloadUrlToPath(w.source.url(), two);
    await sdk.call('start', id);
    await sdk.until(id, 'Transferred');
    await sdk.call('finalize', id);
    for (const path of [one, two]) {
      assert.ok((await readFile(path)).equals(w.source.object.content), path);
    }
  });

  test('a path that makes no sense is a file that is not there', async () => {
    await using w = await doWorld();
    await using sdk = new Sdk(w);
    const id = await sdk.create(
      w.source.url(),
      '?no-such-folder///of that name///           ///.1',
    );
    await assert.rejects(sdk.call('start', id), (code) => code === noSuchFile);
  });

  test('a host that is not there: Transferring, tried again and again', async () => {
    await using w = await doWorld({ hasNetwork: () => true });
    await using sdk = new Sdk(w);
    const id = await sdk.create('http://host-that-is-not-there.invalid', w.device.path('f'));
    await sdk.call('start', id);
    for (let tries = 0; tries < 5; ) {
      const { Status, BytesTransferred, ErrorCode } = await sdk.status(id);
      assert.deepEqual([Status, BytesTransferred], ['Transferring', '0']);
      if (ErrorCode !== '0') tries++;
      await new Promise((done) => setTimeout(done, 5));
    }
    await sdk.call('abort', id);
  });

  test('the agent is started anew: the next request finds it, and that it has forgotten all', async () => {
    await using w = await doWorld();
    await using sdk = new Sdk(w);
    const id = await sdk.create(w.source.url(), w.device.path('f'));
    await w.compat.close();
    await using compat = await begunAnew(w);
    // Sent before there is an agent: it waits.
    const asked = assert.rejects(sdk.status(id), (code) => code === notSet);
    compat.serve(w.agent, w.device.path('data'));
    await asked;
    await sdk.downloadUrlToPath(w.source.url(), w.device.path('again'));
  });

  test('the tests of the SDK open a socket themselves', async () => {
    await using w = await doWorld();
    const request = 'POST /download/create/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n';
    const client = await w.connect('127.0.1.5');
    assert.match((await client.raw(request)).head, /^HTTP\/1\.1 200 OK\r\n/);
  });

  test('the SDK and its tests write and remove the files of configuration', async () => {
    await using w = await doWorld();
    await using sdk = new Sdk(w);
    const text = 'HostName=a;SharedAccessKey=x=;GatewayHostName=host-that-is-not-there.invalid';
    const json = `{\n    "ADUC_IoTConnectionString": "${text}"\n}\n`;
    await writeFile(w.device.path('data-etc/sdk-config.json'), json);
    await rm(w.device.path('data-etc/admin-config.json'));
    await w.compat.close();
    await using compat = await begunAnew(w);
    compat.serve(w.agent, w.device.path('data'));
    await sdk.downloadUrlToPath(w.source.url(), w.device.path('f'));
  });
});

suite('what Microsoft’s apt plug-in does with it', () => {
  test('each file into a folder of its own, from where it is moved on', async () => {
    await using w = await doWorld({ hasNetwork: () => true });
    const [cache, partial] = [w.device.path('cache'), w.device.path('partial')];
    await Promise.all([mkdir(cache), mkdir(partial)]);
    // Apt runs several at once, each a process with a connection of its own.
    const methods = [new Sdk(w), new Sdk(w), new Sdk(w)];
    await Promise.all(
      methods.map(async (sdk, n) => {
        await using _sdk = sdk;
        for (let i = 0; i < 3; i++) {
          const temporary = `${cache}/6f9619ff-8b86-d011-b42d-00c04fc964f${n}${i}.tmp`;
          const moved = `${partial}/package_${n}${i}.deb`;
          await sdk.downloadUrlToPath(w.source.url(), temporary);
          await rename(temporary, moved);
          assert.ok((await readFile(moved)).equals(w.source.object.content));
          const missing = `${cache}/missing${n}${i}.tmp`;
          const probe = sdk.downloadUrlToPath(w.source.url('/InRelease'), missing);
          await assert.rejects(probe, (code) => code === (0x80190194 | 0));
          assert.equal(existsSync(missing), false);
        }
      }),
    );
  });
});
