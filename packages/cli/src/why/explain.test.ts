import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DownloadWhy } from '@sluice/protocol';
import { paintPlain } from '../terminal/colour.ts';
import { explain } from './explain.ts';

const mib = 1024 ** 2;
const http = { Source: 'http', Label: 'http://s/f' } as const;
const cache = { Source: 'cache', Label: 'http://c:8081/f?cacheHostOrigin=s' } as const;
const lan = { Source: 'Lan', Label: '10.0.0.7:7680' } as const;

const nothing: DownloadWhy = {
  Id: '7',
  FileId: 'ab',
  SourceURL: 'http://s/f',
  Output: '/f',
  State: 'Finalized',
  Error: null,
  DownloadMode: 'Lan',
  DownloadModeReason: 'as set',
  FileSize: 10 * mib,
  ResumedBytes: 0,
  DuplicateBytes: 0,
  NumPeers: 0,
  Bytes: [],
  Sources: [],
  RuledOut: [],
  Decisions: [],
  DecisionCount: 0,
};

const plain = (why: Partial<DownloadWhy>, lines = 100) =>
  explain({ ...nothing, ...why }, lines, paintPlain);

test('nothing known is said, not shown as empty tables', () => {
  assert.equal(
    plain({ ResumedBytes: 10 * mib }),
    `http://s/f: 10.0 MiB, Finalized, mode Lan (as set)

10.0 MiB were on the disk before this run
nothing was fetched in this run of the agent`,
  );
});

test('a failure is named first', () => {
  const fault = {
    Code: 'SourceNotFound',
    Message: 'http://s/f: not found',
    Remedy: 'x',
    ExitCode: 4,
  };
  const [head, failed] = plain({ State: 'Failed', FileSize: 0, Error: fault }).split('\n');
  assert.equal(head, 'http://s/f: Failed, mode Lan (as set)');
  assert.equal(failed, 'http://s/f: not found');
});

test('bytes by source and reason, in fixed order', () => {
  const row = { AskedPieces: 9, Pieces: 0, Bytes: 0 };
  const Bytes: DownloadWhy['Bytes'] = [
    { ...row, Source: 'Lan', Reason: 'peer', Pieces: 6, Bytes: 6 * mib },
    { ...row, Source: 'http', Reason: 'responsible', Pieces: 2, Bytes: 2 * mib },
    { ...row, Source: 'http', Reason: 'floor', Pieces: 1, Bytes: mib },
    { ...row, Source: 'http', Reason: 'hedge' },
    { ...row, Source: 'Group', Reason: 'peer' },
  ];
  assert.equal(
    plain({ Bytes, NumPeers: 2, DuplicateBytes: 1024, ResumedBytes: mib }),
    `http://s/f: 10.0 MiB, Finalized, mode Lan (as set), the cloud named 2 peers

from     bytes  share  pieces  because
http  3.00 MiB   33 %       3  no peer had it (2.00 MiB), peers have it and are slower (1.00 MiB)
LAN   6.00 MiB   67 %       6  a peer had it
1.00 MiB were on the disk before this run
1.00 KiB came for nothing, or twice`,
  );
});

test('sources, what was ruled out by whom, and what would change it', () => {
  const brought = { State: 'Ready', AskedPieces: 0, Pieces: 0, Bytes: 0 } as const;
  const rule = { SetBy: null, PeerClass: null, Limit: '', Count: 1, Subjects: [] };
  const text = plain({
    Sources: [
      { ...brought, ...http },
      { ...brought, ...cache, State: 'Dead', AskedPieces: 1 },
      { ...brought, ...lan, State: 'Gone', AskedPieces: 6, Pieces: 6, Bytes: 6 * mib },
    ],
    RuledOut: [
      {
        ...rule,
        Rule: 'DODownloadMode',
        SetBy: 'the request',
        Affects: 'peers',
        Limit: 'Lan (1)',
        Actual: 'CdnOnly',
        Remedy: 'Choose another download mode.',
      },
      {
        ...rule,
        Rule: 'PeerRefused',
        Affects: 'peers',
        Actual: 'it refused the connection',
        Remedy: 'Open the port.',
        Count: 9,
        Subjects: ['10.0.0.8:7680', '10.0.0.9:7680'],
      },
      {
        ...rule,
        Rule: 'DOMonthlyUploadDataCap',
        Affects: 'upload',
        PeerClass: 'Internet',
        Actual: '20 GB',
        Remedy: 'Wait.',
      },
    ],
  });
  assert.equal(
    text.slice(text.indexOf('could be')),
    `could be asked, and brought
  LAN 10.0.0.7:7680: 6 of 6 pieces asked for, 6.00 MiB, gone
  http: not asked
  cache c:8081: 0 of 1 piece asked for, 0 B, not asked any more

not used, and what would change that
  peers: DODownloadMode: CdnOnly, set by the request; needed is Lan (1)
    Choose another download mode.
  peers: PeerRefused: it refused the connection (10.0.0.8:7680, 10.0.0.9:7680, 9 times)
    Open the port.
  internet upload: DOMonthlyUploadDataCap: 20 GB
    Wait.`,
  );
});

test('every kind of decision in words; requests in a row are one line', () => {
  const asked = { Type: 'asked', Pieces: 1, Holders: 1 } as const;
  const Decisions: DownloadWhy['Decisions'] = [
    { AtMs: 0, Type: 'originHeld' },
    { AtMs: 1, Type: 'added', ...lan },
    { AtMs: 2, Type: 'unchoked', ...lan },
    { AtMs: 3, ...asked, ...lan, Reason: 'peer', FirstPiece: 4, Holders: 3 },
    { AtMs: 4, ...asked, ...lan, Reason: 'peer', FirstPiece: 1 },
    { AtMs: 500, Type: 'originFreed' },
    { AtMs: 501, ...asked, ...http, Reason: 'responsible', FirstPiece: 8, Pieces: 4, Holders: 0 },
    { AtMs: 9_000, ...asked, ...http, Reason: 'floor', FirstPiece: 4, OwnMs: 250, OtherMs: null },
    {
      AtMs: 9_001,
      ...asked,
      ...cache,
      Reason: 'takeOver',
      FirstPiece: 5,
      OwnMs: 250,
      OtherMs: 61_000,
    },
    { AtMs: 9_002, ...asked, ...cache, Reason: 'hedge', FirstPiece: 6, OwnMs: 0, OtherMs: 4_000 },
    { AtMs: 9_003, Type: 'choked', ...lan },
    { AtMs: 9_004, Type: 'backedOff', ...lan, Because: 'silent', UntilMs: 9_504 },
    { AtMs: 9_005, Type: 'banned', ...lan, Because: 'badPieces' },
    { AtMs: 9_006, Type: 'gone', ...lan, Pieces: 2, Bytes: 2 * mib },
    { AtMs: 9_007, Type: 'givenUp', ...cache, Because: 'SourceNotFound' },
    { AtMs: 9_008, Type: 'sequential', ...http },
    { AtMs: 9_009, Type: 'toForeground' },
    { AtMs: 9_010, Type: 'toBackground' },
    { AtMs: 100_000, ...asked, ...http, Reason: 'stream', FirstPiece: 0, Pieces: 10 },
  ];
  const text = plain({ Decisions, DecisionCount: 1_234 });
  assert.equal(
    text.slice(text.indexOf('the last')),
    `the last of 1234 decisions
     0.000 s  HTTP and cache wait: peers are looked for first
     0.001 s  LAN 10.0.0.7:7680 is there
     0.002 s  LAN 10.0.0.7:7680 sends
     0.003 s  LAN 10.0.0.7:7680 asked for 2 pieces, 4, 1: a peer had it (3 had it)
     0.500 s  HTTP and cache may be used
     0.501 s  http asked for 4 pieces, 8-11: no peer had it
     9.000 s  http asked for piece 4: peers have it and are slower (250 ms here, else not at all)
     9.001 s  cache c:8081 asked for piece 5: the device whose turn it was is late (250 ms here, else 61.0 s)
     9.002 s  cache c:8081 asked for piece 6: a second request, the first is late (else 4.0 s)
     9.003 s  LAN 10.0.0.7:7680 does not send for now
     9.004 s  LAN 10.0.0.7:7680 is left alone for 500 ms: it owed pieces and sent nothing
     9.005 s  LAN 10.0.0.7:7680 is banned: it sent several bad pieces
     9.006 s  LAN 10.0.0.7:7680 is gone, it brought 2.00 MiB
     9.007 s  cache c:8081 is given up: SourceNotFound
     9.008 s  http serves no ranges: only the whole can be streamed
     9.009 s  it is in the foreground from now on: somebody waits for it
     9.010 s  it is in the background from now on: it makes way for others
   100.000 s  http asked for 10 pieces, 0-9: the source can only stream it whole`,
  );
  const few = plain({ Decisions, DecisionCount: 1_234 }, 2).split('\n');
  assert.match(few.at(-3)!, /^the last of/);
  assert.doesNotMatch(plain({ Decisions, DecisionCount: 9 }, 0), /decision/);
});
