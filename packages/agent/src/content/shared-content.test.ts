import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import { pino } from 'pino';
import type { LocalPeers } from '../local-discovery/local-peers.ts';
import type { SwarmNetwork } from '../swarm/admission.ts';
import { peerId } from '../swarm/testing/device.ts';
import { UploadBuffers } from '../swarm/upload-buffers.ts';
import { openPermit } from '../swarm/upload-permit.ts';
import { SharedContent } from './shared-content.ts';

function setUp() {
  const clock = new ManualClock();
  const shared = new SharedContent({
    ...{ clock, self: peerId(1), swarmHash: new Uint8Array(32), logger: pino({ level: 'silent' }) },
    network: { own: () => [], restriction: 'none' } as unknown as SwarmNetwork,
    uploads: openPermit,
    uploadPace: () => undefined,
    buffers: new UploadBuffers(clock),
    listenPort: () => 7680,
    nextSourceId: () => 1,
    onClosed: () => {},
  });
  let looked = 0;
  const peers = {
    add: () => {
      looked++;
      return { answered: Promise.resolve(0), stop: () => {} };
    },
  } as unknown as LocalPeers;
  return { clock, shared, peers, looked: () => looked };
}

suite('who was named to nobody', () => {
  test('looks around after a second, once', async () => {
    const { clock, shared, peers, looked } = setUp();
    shared.lookAroundIfAlone(peers, undefined);
    clock.advance(999);
    assert.equal(looked(), 0);
    clock.advance(1);
    assert.equal(looked(), 1);
    await shared.close();
  });

  test('not when the content is shared no more, and leaves no timer', async () => {
    const { clock, shared, peers, looked } = setUp();
    shared.lookAroundIfAlone(peers, undefined);
    await shared.close();
    shared.lookAroundIfAlone(peers, undefined);
    clock.advance(5_000);
    assert.deepEqual([looked(), clock.pending], [0, 0]);
  });
});
