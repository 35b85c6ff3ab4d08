import assert from 'node:assert/strict';
import { lookup } from 'node:dns/promises';
import { test } from 'node:test';
import { fetchText, httpSource, ways } from '../testing/fetching.ts';
import { serveObject } from '../testing/object-server.ts';

/** `localhost` has an address of each family here. */
const families = new Set((await lookup('localhost', { all: true })).map(({ family }) => family));
const skip = families.size < 2 && 'localhost has one address here';

for (const { way, generalOnly } of ways) {
  for (const host of ['127.0.0.1', '::1']) {
    test(`${way}: a host of two addresses is reached at the one that answers, ${host}`, {
      skip,
    }, async () => {
      await using server = await serveObject(Buffer.from('good'), undefined, host);
      const port = /\d+$/.exec(server.origin)?.[0];
      await using source = httpSource(`http://localhost:${port}/`, { generalOnly });
      assert.equal(await fetchText(source), 'good');
      assert.equal(source.remote?.host, host);
    });
  }
}
