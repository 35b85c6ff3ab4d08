import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PieceMap } from '@sluice/protocol';
import type { Member } from './member.ts';
import { SiteDuty } from './site-duty.ts';
import { SwarmVoice } from './swarm-voice.ts';
import type { UploadPermit } from './upload-permit.ts';

test('a piece is told at once to those that lack it, and later to those that have it', () => {
  const told: string[] = [];
  const member = (name: string, pieces: number[], toldPieces = true) => {
    const has = new PieceMap(8);
    for (const p of pieces) has.set(p);
    const connection = {
      sendBytes: () => told.push(`${name} now`),
      sendLater: () => told.push(`${name} later`),
    };
    return { has, toldPieces, connection } as unknown as Member;
  };
  const members = [member('a', [3]), member('b', [2]), member('c', [], false)];
  const voice = new SwarmVoice({
    uploads: { allows: () => true } as unknown as UploadPermit,
    duty: new SiteDuty(),
    listenPort: () => 1,
    members: () => members,
    exchanges: false,
  });
  voice.have(3);
  assert.deepEqual(told, ['a later', 'b now']);
});
