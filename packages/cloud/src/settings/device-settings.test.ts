import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseKeyValueReply } from '@sluice/protocol/schemas';
import { startCloud } from '../cloud.test-support.ts';

const hours = { From: 8, To: 17, In: 10, Out: 0 };

test('what an admin sets goes to devices, and is taken back', async (t) => {
  const { ask, admin, dataDir } = await startCloud(t);
  const before = (await ask('/all')).json;
  const body = {
    Default: {
      domaxcacheage: '60',
      DOSetHoursToLimitBackgroundDownloadBandwidth: hours,
      DODownloadMode: 2,
    },
    Forced: { DODownloadMode: 0 },
  };
  const set = await admin('/admin/settings', { method: 'PATCH', body });
  assert.equal(set.status, 200);
  assert.deepEqual([set.json.Forced, set.json.Problems], [{ DODownloadMode: 0 }, []]);
  const { json } = await ask('/all');
  const reply = parseKeyValueReply(json);
  assert.deepEqual(reply, {
    ...before,
    DOMaxCacheAge: 60,
    DOSetHoursToLimitBackgroundDownloadBandwidth: 'From=8,To=17,In=10,Out=0',
    DODownloadMode: 0,
    Sluice_ForcedSettings: ['DODownloadMode'],
  });
  await admin('/admin/settings', {
    method: 'PATCH',
    body: { Default: { DOMaxCacheAge: null }, Forced: { dodownloadmode: null } },
  });
  assert.deepEqual(Object.keys((await admin('/admin/settings')).json.Default).sort(), [
    'DODownloadMode',
    'DOSetHoursToLimitBackgroundDownloadBandwidth',
  ]);
  const kept = JSON.parse(await readFile(join(dataDir, 'settings.json'), 'utf8'));
  assert.deepEqual(kept.Forced, {});
});

test('what is wrong is refused and named, and nothing is changed', async (t) => {
  const { admin, ask } = await startCloud(t);
  const before = (await ask('/all')).json;
  for (const [body, named] of [
    [{ Default: { DODownloadMode: 7, DOMaxCacheAge: 1 } }, /DODownloadMode/],
    [{ Forced: { DONothing: 1 } }, /DONothing/],
    [{ Forced: { DOCacheHost: 'http://evil/' } }, /DOCacheHost/],
    [{ Default: { DOMaxCacheAge: 1, domaxcacheage: 2 } }, /twice/],
    [{ Other: {} }, /additional/],
    [{ Default: [] }, /object/],
  ] as const) {
    const { status, json } = await admin('/admin/settings', { method: 'PATCH', body });
    assert.deepEqual([status, json.Code], [400, 'RequestInvalid']);
    assert.match(json.Message, named);
  }
  const stranger = await ask('/admin/settings', { method: 'PATCH', body: { Forced: {} } });
  assert.equal(stranger.status, 401);
  assert.equal((await ask('/admin/settings')).status, 401);
  assert.deepEqual((await ask('/all')).json, before);
});

test('a file that people write counts within a second; what is wrong in it is left out', async (t) => {
  const { admin, ask, clock, dataDir } = await startCloud(t);
  const before = (await ask('/all')).json;
  const write = async (text: string) => {
    await writeFile(join(dataDir, 'settings.json'), text);
    clock.advance(1_000);
  };
  await write('{"Forced": {"DODownloadMode": 1, "DOMaxCacheAge": "x"}, "Default": {"DOBad": 1}}');
  assert.deepEqual((await ask('/all')).json, {
    ...before,
    DODownloadMode: 1,
    Sluice_ForcedSettings: ['DODownloadMode'],
  });
  const { Problems } = (await admin('/admin/settings')).json;
  assert.deepEqual(
    Problems.map((p: { Kind: string; Name: string }) => [p.Kind, p.Name]),
    [
      ['Forced', 'DOMaxCacheAge'],
      ['Default', 'DOBad'],
    ],
  );
  for (const text of ['{', '[]', '{"Default": 1}', `"${'x'.repeat(300_000)}"`]) {
    await write(text);
    assert.deepEqual((await ask('/all')).json, before, text.slice(0, 20));
    assert.equal((await admin('/admin/settings')).json.Problems.length, 1);
  }
});
