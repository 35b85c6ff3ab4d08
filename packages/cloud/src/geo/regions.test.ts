import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { parseGeoReply } from '@sluice/protocol/schemas';
import { startCloud, temporaryDir } from '../cloud.test-support.ts';
import { csvPlaces } from '../events/geo/csv-places.ts';
import { readRegions } from './regions.ts';

const eu = 'https://eu.example.com';
const us = 'https://us.example.com/sluice';
const document = [
  { Region: 'eu', ServiceUrl: eu, Cidrs: ['203.0.113.0/24', '2001:db8::/32'], Countries: ['de'] },
  { Region: 'us', ServiceUrl: `${us}/`, Cidrs: ['203.0.113.128/25', '198.51.100.7'] },
  { Region: 'fr', ServiceUrl: 'http://fr.example.com', Countries: ['FRANCE', 'DE'] },
];

test('the narrowest network counts, else the first region of the country', async (t) => {
  const file = join(await temporaryDir(t), 'regions.json');
  await writeFile(file, JSON.stringify(document));
  const csv = csvPlaces('192.0.2.0/25,DE,,\n192.0.2.128/25,France,,\n198.51.100.0/24,DE,,');
  // As a database of MaxMind's format tells them: a name, and a code beside it.
  const places = {
    find: (ip: string) =>
      ip === '10.0.0.1'
        ? { country: 'Germany', countryCode: 'DE', city: null, isp: null }
        : csv.find(ip),
  };
  const regions = await readRegions(file, places);
  for (const [ip, name] of [
    ['203.0.113.1', 'eu'],
    ['203.0.113.129', 'us'],
    ['2001:db8::1', 'eu'],
    ['198.51.100.7', 'us'],
    ['198.51.100.8', 'eu'],
    ['192.0.2.1', 'eu'],
    ['192.0.2.129', 'fr'],
    ['10.0.0.1', 'eu'],
    ['10.0.0.2', undefined],
  ] as const) {
    assert.equal(regions.of(ip)?.name, name, ip);
  }
  assert.equal(regions.of('198.51.100.7')?.serviceUrl, us);
  const region = { Region: 'a', ServiceUrl: eu, Cidrs: ['10.0.0.0/8'] };
  for (const [wrong, names] of [
    ['{', /JSON/],
    [{ Regions: [region] }, /regions/],
    [[{ ...region, Cidrs: ['10.0.0.0/33'] }], /"10\.0\.0\.0\/33"/],
    [[{ ...region, Cidrs: [] }], /a has neither Cidrs nor Countries/],
    [[{ ...region, ServiceUrl: 'ftp://h' }], /ServiceUrl/],
    [[{ ...region, ServiceUrl: `${eu}?a=b` }], /ServiceUrl/],
    [[{ ...region, Cidr: ['10.0.0.0/8'] }], /regions/],
    [[{ ...region, Countries: ['DE'] }], /--geo-file/],
  ] as const) {
    await writeFile(file, typeof wrong === 'string' ? wrong : JSON.stringify(wrong));
    await assert.rejects(
      readRegions(file, undefined),
      (e) =>
        isSluiceError(e, 'InvalidArgument') && names.test(e.message) && e.message.includes(file),
      JSON.stringify(wrong),
    );
  }
});

test('geo sends devices to the key-value of their region, by the address that a trusted proxy saw', async (t) => {
  const regionsFile = join(await temporaryDir(t), 'regions.json');
  await writeFile(
    regionsFile,
    JSON.stringify([...document.slice(1, 2), { ...document[0], Countries: [] }]),
  );
  const { ask, cloud } = await startCloud(t, { regionsFile, trustedProxies: ['127.0.0.1'] });
  const told = async (from: string, query = '') => {
    const answer = await ask(`/geo${query}`, { headers: { 'x-forwarded-for': from } });
    return parseGeoReply(answer.json);
  };
  const far = await told('203.0.113.200');
  assert.deepEqual(
    [far.KeyValue_EndpointFullUri, far.Region, far.KeyValue],
    [`${us}/all`, 'us', undefined],
  );
  assert.equal((await told('203.0.113.1')).KeyValue_EndpointFullUri, `${eu}/all`);
  const here = await told('192.0.2.1', '?nonce=abc_-1');
  assert.equal(here.KeyValue_EndpointFullUri, `${cloud.url}/all`);
  assert.ok(here.KeyValue);
  assert.deepEqual(
    [here.EchoesNonce, here.Nonce, far.EchoesNonce, far.Nonce],
    [true, 'abc_-1', true, undefined],
  );
  for (const bad of ['', '%00', 'x'.repeat(129), 'a&nonce=b']) {
    assert.equal((await told('192.0.2.1', `?nonce=${bad}`)).Nonce, undefined);
  }
  // Of a caller that is no proxy nobody believes where it is.
  const strict = await startCloud(t, { regionsFile });
  const answer = await strict.ask('/geo', { headers: { 'x-forwarded-for': '203.0.113.1' } });
  assert.equal(answer.json.KeyValue_EndpointFullUri, `${strict.cloud.url}/all`);
});
