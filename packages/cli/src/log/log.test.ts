import assert from 'node:assert/strict';
import { appendFile, mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { suite, test } from 'node:test';
import { logFiles } from '../process/log-file.ts';
import { runCli, temporaryHome } from '../run-cli.test-support.ts';
import { followLog } from './read-log.ts';

const line = (level: number, msg: string, more: object = {}) =>
  `${JSON.stringify({ level, time: Date.UTC(2026, 10, 26), pid: 1, name: 'sluice', msg, ...more })}\n`;
const ended = (FileId: string, more: object) =>
  line(30, 'a download has ended', { FileId, HashOfHashes: `${FileId}=`, ...more });

suite('the agent’s log', () => {
  test('is shown from the level on, the older file first; what is cut short is left out', async () => {
    await using home = await temporaryHome();
    const [older, current] = logFiles(home.folder);
    await mkdir(path.dirname(current));
    await appendFile(older, line(50, 'öld', { err: { message: 'no such file' } }));
    await appendFile(current, `${line(30, 'new')}${line(40, 'last', { n: 3 })}{"level":3`);
    const args = ['log', '--data-dir', home.folder];
    const { code, stdout } = await runCli([...args, '--level', 'warn']);
    assert.equal(code, 0);
    assert.equal(
      stdout,
      '2026-11-26T00:00:00.000Z error öld err="no such file"\n2026-11-26T00:00:00.000Z warn  last n=3\n',
    );
    const json = await runCli([...args, '--json']);
    assert.deepEqual(
      json.stdout
        .trim()
        .split('\n')
        .map((l) => JSON.parse(l).msg),
      ['öld', 'new', 'last'],
    );
    const none = await runCli(['log', '--data-dir', home.path('none')]);
    assert.deepEqual([none.code, none.stdout], [0, '']);
  });

  test('is followed as it grows, and when it is set aside', async () => {
    await using home = await temporaryHome();
    const [older, current] = logFiles(home.folder);
    await mkdir(path.dirname(current));
    await appendFile(current, line(30, 'a'));
    const stop = new AbortController();
    const got: string[] = [];
    for await (const { msg } of followLog(home.folder, stop.signal)) {
      got.push(msg);
      if (msg === 'a') {
        await appendFile(current, line(30, 'b'));
        await rename(current, older);
        await appendFile(current, line(30, 'c'));
      }
      if (msg === 'c') stop.abort();
    }
    assert.deepEqual(got, ['a', 'b', 'c']);
  });

  test('is added up to what peers brought', async () => {
    await using home = await temporaryHome();
    const [, current] = logFiles(home.folder);
    await mkdir(path.dirname(current));
    const MinFileSizeToCache = 100;
    const common = { MinFileSizeToCache, Priority: 'Background' };
    const lines = [
      line(30, 'a peer has left', {
        Ip: '10.0.0.2',
        PeerType: 'Lan',
        Code: 'PeerLost',
        BytesSent: 5,
        BytesReceived: 300,
        HashOfHashes: 'a=',
      }),
      ended('a', {
        ...common,
        FileSize: 400,
        TotalBytesDownloaded: 400,
        BytesFromPeers: 300,
        NumPeers: 2,
      }),
      ended('b', {
        ...common,
        FileSize: 600,
        TotalBytesDownloaded: 600,
        BytesFromPeers: 0,
        NumPeers: 1,
      }),
      ended('c', {
        MinFileSizeToCache,
        Priority: 'Foreground',
        FileSize: 9,
        TotalBytesDownloaded: 0,
      }),
    ];
    await appendFile(current, lines.join(''));
    const args = ['log', '--data-dir', home.folder, '--analyze', '--connections', '--json'];
    assert.deepEqual(JSON.parse((await runCli(args)).stdout), {
      TotalFiles: 3,
      ForegroundFiles: 1,
      EligibleFiles: 2,
      FilesThatFoundPeers: 2,
      PeeringFiles: 1,
      MinimumFileSizeToCache: 100,
      OverallEfficiencyPct: 30,
      EfficiencyInPeeredFilesPct: 75,
      Connections: [
        {
          IP: '10.0.0.2',
          PeerType: 'LAN',
          StatusCode: 'PeerLost',
          BytesSent: 5,
          BytesReceived: 300,
          FileId: 'a',
        },
      ],
    });
  });
});
