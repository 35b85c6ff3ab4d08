import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { isSluiceError } from '../errors/index.ts';
import { fillEndpoint } from './fill-endpoint.ts';
import {
  parseContentPolicyReply,
  parseDiscoveryReply,
  parseErrorReply,
  parseGeoReply,
  parseJoinReply,
  parseKeyValueReply,
  parsePublishReply,
} from './index.ts';

const hash = 'bLR+YkW147Gf10YSrQ6lgW3AC9E1aDesK3TaSr0DHJA=';
const peer = { PeerId: 'AB'.repeat(20), Ip: '::ffff:10.0.0.7', Port: 7680, Type: 'LAN', Left: 0 };
const geo = { ExternalIpAddress: '::ffff:127.0.0.1', KeyValue_EndpointFullUri: 'http://kv/all' };
const keyValue = {
  ContentPolicy_EndpointUri: 'http://cp',
  ContentPolicy_EndpointFullUri: 'http://cp/content/{contentId}/contentpolicy',
  Discovery_EndpointFullUri: 'http://disc/{contentId}',
};
const policy = {
  ContentId: 'DO-a+b=',
  HashOfHashes: hash,
  PiecesHashFileCdnUrls: ['http://cdn/x.phf'],
  ContentCdnUrls: null,
  IsSecure: false,
  IsInternal: false,
  Policies: {
    ForegroundQosBps: 1,
    BackgroundQosBps: 2,
    MaxCacheAgeSecs: 3,
    ExpireAtSecsSinceEpoch: null,
    DownloadToExpire: 4,
  },
  Rank: 0,
};
const join = { Peers: [peer], NextJoinTimeIntervalInMs: 5000, KeepAliveMs: 12_500 };
const publish = {
  ContentId: 'x',
  HashOfHashes: hash,
  Created: true,
  Urls: ['http://a/b'],
  MovedUrls: [],
  PiecesHashFileUrl: 'http://a/p',
};

function refused(parse: (json: unknown) => unknown, json: unknown, detail?: RegExp): void {
  assert.throws(
    () => parse(json),
    (e) => isSluiceError(e, 'ServiceInvalidReply') && (!detail || detail.test(e.message)),
    JSON.stringify(json)?.slice(0, 200),
  );
}

test('good replies are read, unknown properties dropped, the input left alone', () => {
  const input = { ...join, Extra: 1, Peers: [{ ...peer, Extra: 2 }] };
  assert.deepEqual(parseJoinReply(input), {
    ...join,
    Peers: [{ ...peer, PeerId: 'ab'.repeat(20), Ip: '10.0.0.7' }],
  });
  assert.equal(input.Extra, 1);
  assert.equal(input.Peers[0]?.Extra, 2);
  assert.deepEqual(parseGeoReply(geo), { ...geo, ExternalIpAddress: '127.0.0.1' });
  assert.deepEqual(parseContentPolicyReply(policy), policy);
  assert.deepEqual(parseDiscoveryReply([{ CollectiveArray: 'http://a/' }]), [
    { CollectiveArray: 'http://a/' },
  ]);
  assert.deepEqual(parsePublishReply(publish), publish);
  const error = { Code: 'X', Message: 'm', Remedy: 'r' };
  assert.deepEqual(parseErrorReply(error), error);
  assert.equal(parseErrorReply({ ...error, Message: 'a\u001b[2Jb' }).Message, 'a [2Jb');
});

test('a KeyValue reply keeps device settings and refuses dangerous names', () => {
  const reply = { ...keyValue, DODownloadMode: 2, Client_RegisteredCallersFilterList: ['.*'] };
  assert.deepEqual(parseKeyValueReply(reply), reply);
  refused(parseKeyValueReply, JSON.parse(`{"__proto__":1,${JSON.stringify(keyValue).slice(1)}`));
  refused(parseKeyValueReply, { ...keyValue, Deep: { a: 1 } });
  refused(parseKeyValueReply, { ...keyValue, Discovery_EndpointFullUri: 'http://d/' });
});

test('peers of a join reply are strictly bounded', () => {
  const bad = (change: object) =>
    refused(parseJoinReply, { ...join, Peers: [{ ...peer, ...change }] });
  for (const Ip of ['0.0.0.0', '224.0.0.1', '::', 'ff02::1', 'host', '1.2.3.4:5', '', 1])
    bad({ Ip });
  for (const Port of [0, -1, 65_536, 1.5, '7680', null, Number.NaN]) bad({ Port });
  for (const PeerId of ['', 'ab', 'g'.repeat(40), 'a'.repeat(41), 7]) bad({ PeerId });
  for (const Left of [-1, 0.5, 2 ** 53, '0']) bad({ Left });
  for (const Type of ['lan', '', 1]) bad({ Type });
  refused(parseJoinReply, { ...join, Peers: Array(51).fill(peer) });
  for (const ms of [0, 999, -1, 2 ** 31, 1e300, '5000']) {
    refused(parseJoinReply, { ...join, NextJoinTimeIntervalInMs: ms });
    refused(parseJoinReply, { ...join, KeepAliveMs: ms });
  }
});

test('URLs must be http(s), parse, and carry no password', () => {
  for (const url of [
    'ftp://a/',
    'http://',
    'http://a:b@c/',
    'https://[::1',
    `http://${'a'.repeat(9000)}/`,
  ]) {
    refused(parseGeoReply, { ...geo, KeyValue_EndpointFullUri: url });
    refused(parseDiscoveryReply, [{ CollectiveArray: url }]);
    refused(parseContentPolicyReply, { ...policy, PiecesHashFileCdnUrls: [url] });
    refused(parseContentPolicyReply, { ...policy, ContentCdnUrls: [url] });
  }
  refused(parseDiscoveryReply, [{ CollectiveArray: 'http://a/b' }]);
});

test('the reason names the place, and never repeats what was sent', () => {
  refused(parseJoinReply, { ...join, KeepAliveMs: 0 }, /Array .*\/KeepAliveMs/);
  refused(parseContentPolicyReply, { ...policy, HashOfHashes: '\u001b[31mx' }, /^[ -~]+$/);
  refused(parseKeyValueReply, { ...keyValue, '\u001b[2J': 1 }, /^[ -~]+$/);
});

test('property: any JSON value is read or refused with ServiceInvalidReply', () => {
  const parsers = [
    parseGeoReply,
    parseKeyValueReply,
    parseContentPolicyReply,
    parseDiscoveryReply,
    parseJoinReply,
    parsePublishReply,
    parseErrorReply,
  ];
  const near = fc.oneof(
    ...[geo, keyValue, policy, join, publish].map((good) =>
      fc
        .tuple(fc.constantFrom(...Object.keys(good)), fc.jsonValue())
        .map(([key, value]) => ({ ...good, [key]: value })),
    ),
    fc.jsonValue(),
  );
  fc.assert(
    fc.property(fc.constantFrom(...parsers), near, (parse, json) => {
      try {
        parse(json);
      } catch (e) {
        assert.ok(isSluiceError(e, 'ServiceInvalidReply'), String(e));
      }
    }),
    { numRuns: 500 },
  );
});

test('fillEndpoint encodes any id', () => {
  assert.equal(fillEndpoint('http://h/{contentId}/x', 'a/b+c=$&'), 'http://h/a%2Fb%2Bc%3D%24%26/x');
  assert.equal(fillEndpoint('http://h/{contentId}/x', undefined), 'http://h//x');
});
