import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import fc from 'fast-check';
import type { Database } from '../database/database.ts';
import type { Catalogue, Publication } from './catalogue.ts';
import { KyselyCatalogue } from './kysely-catalogue.ts';

const hash = (letter: string) => `${letter.repeat(43)}=`;

/** A content with one URL of its own, except for what `facts` says. */
function publication(contentId: string, facts: Partial<Publication> = {}): Publication {
  return {
    contentId,
    hashOfHashes: hash('A'),
    contentLength: 5,
    pieceSize: 1_048_576,
    urls: [`http://host/${encodeURIComponent(contentId)}`],
    policies: {},
    phf: new TextEncoder().encode('{}'),
    ...facts,
  };
}

function recordOf({ phf: _, ...record }: Publication) {
  return record;
}

/** What every catalogue must do. @param open opens an empty database; the test closes it. */
export function catalogueContract(name: string, open: () => Promise<Database>): void {
  const check = (title: string, body: (catalogue: Catalogue) => Promise<void>) =>
    test(title, async () => {
      const database = await open();
      try {
        await body(await KyselyCatalogue.open(database));
      } finally {
        await database.close();
      }
    });

  describe(`${name}: catalogue contract`, () => {
    check('a content is found by its id and by each of its URLs', async (catalogue) => {
      const p = publication('a', {
        urls: ['http://h/1', 'http://h/2'],
        contentLength: Number.MAX_SAFE_INTEGER,
        policies: { ForegroundQosBps: 7, ExpireAtSecsSinceEpoch: null },
        phf: new Uint8Array([0, 1, 255]),
      });
      assert.deepEqual(await catalogue.publish(p), { created: true, urls: p.urls, moved: [] });
      for (const found of [
        await catalogue.byId('a'),
        await catalogue.byUrl('http://h/1'),
        await catalogue.byUrl('http://h/2'),
      ]) {
        assert.deepEqual(found, recordOf(p));
      }
      const stored = await catalogue.piecesHashFile('a');
      assert.equal(stored?.hashOfHashes, p.hashOfHashes);
      assert.deepEqual([...stored.phf], [0, 1, 255]);
    });

    check('what is not there is undefined', async (catalogue) => {
      await catalogue.publish(publication('a'));
      assert.equal(await catalogue.byId('A'), undefined);
      assert.equal(await catalogue.byUrl('http://host/A'), undefined);
      assert.equal(await catalogue.piecesHashFile(''), undefined);
      assert.equal(await catalogue.remove('b'), false);
    });

    check('the same hash list again adds URLs, another one replaces them', async (catalogue) => {
      await catalogue.publish(publication('a', { urls: ['http://h/1'] }));
      const again = await catalogue.publish(publication('a', { urls: ['http://h/2'] }));
      assert.deepEqual(again, {
        created: false,
        urls: ['http://h/1', 'http://h/2'],
        moved: [],
      });
      const changed = publication('a', {
        urls: ['http://h/3'],
        hashOfHashes: hash('B'),
        contentLength: 9,
        phf: new Uint8Array([9]),
      });
      assert.deepEqual((await catalogue.publish(changed)).urls, ['http://h/3']);
      assert.deepEqual(await catalogue.byId('a'), recordOf(changed));
      assert.equal(await catalogue.byUrl('http://h/1'), undefined);
      assert.deepEqual([...(await catalogue.piecesHashFile('a'))!.phf], [9]);
    });

    check(
      'signed again is what still is as it was read, and nothing else of it',
      async (catalogue) => {
        const [first, second, third] = [1, 2, 3].map((NotAfter) => ({
          ...{ KeyId: 'k', ContentLength: 5, PieceSize: 1_048_576 },
          ...{ NotBefore: 0, NotAfter, Signature: 's' },
        }));
        await catalogue.publish(publication('a', { urls: ['http://h/1'] }));
        const read = (await catalogue.byId('a'))!;
        const policies = { ForegroundQosBps: 7 };
        await catalogue.publish(publication('a', { urls: ['http://h/2'], policies }));
        await catalogue.signAgain(read, first!);
        const signed = (await catalogue.byId('a'))!;
        assert.deepEqual(
          [signed.urls, signed.policies, signed.signature],
          [['http://h/1', 'http://h/2'], policies, first],
        );
        // Somebody else signed it, published other bytes or removed it meanwhile.
        await catalogue.signAgain(signed, second!);
        await catalogue.signAgain(signed, third!);
        assert.deepEqual((await catalogue.byId('a'))?.signature, second);
        await catalogue.publish(publication('a', { hashOfHashes: hash('B') }));
        await catalogue.signAgain(read, third!);
        assert.equal((await catalogue.byId('a'))?.signature, undefined);
        await catalogue.remove('a');
        await catalogue.signAgain(read, third!);
        assert.equal(await catalogue.byId('a'), undefined);
      },
    );

    check('a URL of another content moves, and it is told', async (catalogue) => {
      await catalogue.publish(publication('a', { urls: ['http://h/1', 'http://h/2'] }));
      const outcome = await catalogue.publish(publication('b', { urls: ['http://h/2'] }));
      assert.deepEqual(outcome.moved, [{ url: 'http://h/2', fromContentId: 'a' }]);
      assert.equal((await catalogue.byUrl('http://h/2'))?.contentId, 'b');
      assert.deepEqual((await catalogue.byId('a'))?.urls, ['http://h/1']);
    });

    check('too many URLs: refused, and nothing has changed', async (catalogue) => {
      const urls = (from: number, n: number) =>
        Array.from({ length: n }, (_, i) => `http://h/${String(from + i).padStart(4, '0')}`);
      await catalogue.publish(publication('a', { urls: urls(0, 60) }));
      const more = publication('a', { urls: urls(60, 5), policies: { DownloadToExpire: 1 } });
      await assert.rejects(catalogue.publish(more), (e) => isSluiceError(e, 'RequestInvalid'));
      assert.deepEqual(
        await catalogue.byId('a'),
        recordOf(publication('a', { urls: urls(0, 60) })),
      );
      assert.equal(await catalogue.byUrl('http://h/0060'), undefined);
    });

    check('removed is gone with its URLs, and may come again', async (catalogue) => {
      await catalogue.publish(publication('a'));
      assert.equal(await catalogue.remove('a'), true);
      assert.equal(await catalogue.byId('a'), undefined);
      assert.equal(await catalogue.byUrl('http://host/a'), undefined);
      assert.equal((await catalogue.publish(publication('a'))).created, true);
    });

    check('pages together are the whole list, each content once', async (catalogue) => {
      const ids = ['b', 'a', 'é', '%', 'a b', 'Z', "x' OR '1'='1"];
      for (const id of ids) await catalogue.publish(publication(id));
      const seen: string[] = [];
      for (let after: string | undefined; ; after = seen.at(-1)) {
        const page = await catalogue.list({ after, limit: 3 });
        if (page.length === 0) break;
        for (const found of page) assert.deepEqual(found, recordOf(publication(found.contentId)));
        seen.push(...page.map((found) => found.contentId));
      }
      assert.deepEqual(seen.toSorted(), ids.toSorted());
    });

    check('property: any well-formed id comes back as it was', async (catalogue) => {
      const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 });
      await fc.assert(
        fc.asyncProperty(text, async (id) => {
          await catalogue.publish(publication(id));
          assert.equal((await catalogue.byId(id))?.contentId, id);
          assert.equal(await catalogue.remove(id), true);
          assert.deepEqual(await catalogue.list({ after: undefined, limit: 10 }), []);
        }),
      );
    });

    check('publications at the same time do not mix', async (catalogue) => {
      const shared = Array.from({ length: 10 }, (_, i) => `http://h/${i}`);
      const ids = ['a', 'b', 'c', 'd'];
      await Promise.all(ids.map((id) => catalogue.publish(publication(id, { urls: shared }))));
      const all = await catalogue.list({ after: undefined, limit: 10 });
      assert.deepEqual(all.map((found) => found.urls.length).toSorted(), [0, 0, 0, 10]);
    });
  });
}
