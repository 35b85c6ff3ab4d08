import { ManualClock } from '@sluice/protocol';
import { type SourceFixture, sourceContract } from '../source.contract.ts';
import { serveObject } from '../testing/object-server.ts';
import { selfSigned } from '../testing/self-signed.ts';
import { createHttpSource } from './index.ts';

async function fixture(
  bytes: Uint8Array,
  how: { tls?: boolean; generalOnly?: boolean },
): Promise<SourceFixture> {
  const tls = how.tls ? await selfSigned() : undefined;
  const server = await serveObject(bytes, tls);
  const source = createHttpSource({
    url: `${server.origin}/file`,
    clock: new ManualClock(),
    generalOnly: how.generalOnly,
    ca: tls?.cert,
  });
  return {
    ...server,
    source,
    [Symbol.asyncDispose]: async () => {
      await source.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

sourceContract('HTTP, direct', (bytes) => fixture(bytes, {}));
sourceContract('HTTP, general', (bytes) => fixture(bytes, { generalOnly: true }));
sourceContract('HTTPS', (bytes) => fixture(bytes, { tls: true }));
