import { type SourceFixture, sourceContract } from '../source/source.contract.ts';
import { connectionPair, type PairOptions } from './testing/connection-pair.ts';
import { until } from './testing/until.ts';

async function fixture(bytes: Uint8Array, options: PairOptions): Promise<SourceFixture> {
  const pair = await connectionPair(bytes, options);
  return {
    source: pair.fetcher,
    holdNext() {
      const before = pair.told.length;
      pair.onRequest = (request) => {
        const isCancelled = pair.told.slice(before).some((m) => m.type === 'cancel');
        if (isCancelled) pair.uploads.request(request);
      };
    },
    cutNextAfter(left) {
      let more = left;
      pair.onPart = (part, done) => {
        more -= part.content.length;
        if (more > 0) return pair.server.sendPart(part, done);
        const content = part.content.subarray(0, part.content.length + more);
        pair.server.sendPart({ ...part, content, last: false }, (sent) => {
          pair.server.destroy();
          done(sent);
        });
      };
    },
    quiet: () => until(() => pair.uploads.idle),
    [Symbol.asyncDispose]: () => pair[Symbol.asyncDispose](),
  };
}

sourceContract('peer we connected to', (bytes) => fixture(bytes, { fetching: 'dialled' }));
sourceContract('peer that connected to us', (bytes) => fixture(bytes, { fetching: 'accepted' }));
sourceContract('peer read by events', (bytes) => fixture(bytes, { fetching: 'events' }));
sourceContract('peer with pieces of several blocks', (bytes) =>
  fixture(bytes, { pieceSize: 4 * 1_048_576 }),
);
sourceContract('peer with small pieces', (bytes) => fixture(bytes, { pieceSize: 65_536 }));
