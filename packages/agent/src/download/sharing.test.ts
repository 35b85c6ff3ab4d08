import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { DownloadModeName } from '@sluice/protocol';
import { pino } from 'pino';
import type { SharedContent } from '../content/shared-content.ts';
import type { PeerRestriction } from '../network/peer-restriction.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import type { Download, DownloadContext } from './download.ts';
import { Sharing } from './sharing.ts';

interface Setting {
  /** Peers that the array names; it cannot be asked = 'down', there is no cloud if undefined. */
  array?: number | 'down';
  /** Devices on the local network. */
  near?: number;
  findsLocally?: boolean;
  mode?: DownloadModeName;
  restriction?: PeerRestriction;
  hasLocalPeers?: boolean;
}

/** Begins to share, and waits until the array has answered. @returns who was asked, in order. */
async function begin(setting: Setting) {
  const { array, near = 0, findsLocally = true, mode = 'Lan', restriction = 'none' } = setting;
  const asked: string[] = [];
  const shared = {
    namedPeers: 0,
    swarm: { groupOnly: false, members: [] },
    async lookAround(_peers: unknown, groupId: string | undefined) {
      asked.push(groupId ? `local network, ${groupId}` : 'local network');
      shared.namedPeers += near;
      return near;
    },
    lookAroundIfAlone() {
      asked.push('local network, if alone');
    },
    async announce() {
      asked.push('array');
      await new Promise((resolve) => setImmediate(resolve));
      asked.push('array answers');
      if (array === 'down') throw new Error('down');
      shared.namedPeers += array ?? 0;
      return array ?? 0;
    },
  };
  const sharing = new Sharing(shared as unknown as SharedContent);
  const context = {
    logger: pino({ level: 'silent' }),
    hub: {
      localPeers: setting.hasLocalPeers === false ? undefined : {},
      options: { network: { restriction } },
    },
  };
  const download = { request: { Url: 'http://host/file', GroupId: 'the group' } };
  sharing.begin(
    download as Download,
    context as unknown as DownloadContext,
    { HashOfHashes: 'hash', ContentId: 'id' },
    {
      cloud: array === undefined ? undefined : ({} as CloudClient),
      mode,
      findsLocally,
      groupId: 'the group',
    },
  );
  return { named: await sharing.answered, asked, isGroupOnly: shared.swarm.groupOnly };
}

const afterwards = ['array', 'array answers', 'local network, if alone'];

suite('the local network is looked at', () => {
  test('not where the array names anybody', async () => {
    const { asked, named } = await begin({ array: 1, near: 5 });
    assert.deepEqual([asked, named], [['array', 'array answers'], 1]);
  });

  test('when the array names nobody', async () => {
    assert.deepEqual((await begin({ array: 0, near: 2 })).asked, afterwards);
  });

  test('when the array cannot be asked', async () => {
    assert.deepEqual((await begin({ array: 'down', near: 2 })).asked, afterwards);
  });

  test('at once without a cloud, and then it is waited for', async () => {
    const { asked, named } = await begin({ near: 2 });
    assert.deepEqual([asked, named], [['local network'], 2]);
  });

  test('at once, and once, where only peers found there are welcome', async () => {
    const { asked } = await begin({ array: 0, near: 2, restriction: 'local' });
    assert.deepEqual(asked, ['local network', 'array', 'array answers']);
  });

  test('for those of the group in group mode', async () => {
    const { asked, isGroupOnly } = await begin({ mode: 'Group' });
    assert.deepEqual([asked, isGroupOnly], [['local network, the group'], true]);
  });

  test('never where the mode or the device does not find peers there', async () => {
    for (const setting of [{ findsLocally: false }, { hasLocalPeers: false }]) {
      const { named, asked, isGroupOnly } = await begin(setting);
      assert.deepEqual([named, asked, isGroupOnly], [0, [], false]);
      assert.deepEqual((await begin({ ...setting, array: 0 })).asked, ['array', 'array answers']);
    }
  });
});
