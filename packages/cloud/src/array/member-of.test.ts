import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError, type JoinRequest } from '@sluice/protocol';
import { memberOf, peersWanted } from './member-of.ts';

const request: JoinRequest = { ContentId: 'c', PeerId: 'AB'.repeat(20), Left: '5' };
const guid = '01234567-89ab-cdef-0123-456789abcdef';

test('defaults: port 7680, mode LAN, 20 peers, no group', () => {
  assert.deepEqual(memberOf(request, '198.51.100.1'), {
    peerId: 'ab'.repeat(20),
    externalIp: '198.51.100.1',
    localIp: undefined,
    port: 7680,
    left: 5,
    scope: 1,
    groupKey: undefined,
    restrictedUpload: false,
  });
  assert.equal(memberOf({ ...request, RestrictedUpload: '1' }, '::1').restrictedUpload, true);
  assert.equal(peersWanted(request), 20);
  assert.equal(memberOf({ ...request, Port: '', GroupId: '' }, '::1').port, 7680);
});

test('a group id is the same in either case and in braces, and never repeated in an error', () => {
  for (const GroupId of [guid, guid.toUpperCase(), `{${guid}}`]) {
    assert.equal(memberOf({ ...request, GroupId }, '::1').groupKey, guid);
  }
  assert.throws(
    () => memberOf({ ...request, GroupId: 'secret-site' }, '::1'),
    (e) => isSluiceError(e, 'RequestInvalid') && !e.message.includes('secret'),
  );
});

test('ports must be ports, and peers wanted are clamped', () => {
  for (const Port of ['0', '65536', '99999']) {
    assert.throws(
      () => memberOf({ ...request, Port }, '::1'),
      (e) => isSluiceError(e),
    );
  }
  const clamped: [string, number][] = [
    ['-5', 0],
    ['0', 0],
    ['7', 7],
    ['51', 50],
    ['999999999', 50],
  ];
  for (const [PeersWanted, n] of clamped) assert.equal(peersWanted({ ...request, PeersWanted }), n);
});
