import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { temporaryDir } from '../../cloud.test-support.ts';
import { csvPlaces } from './csv-places.ts';
import { readPlaces } from './read-places.ts';

test('the narrowest network of a CSV file counts; cells may be quoted or empty', () => {
  const places = csvPlaces(
    [
      'network,country,city,isp',
      '# ours',
      '10.0.0.0/8,Germany,Berlin,"Net, ""the"" one"',
      '10.1.2.0/23,Germany,,',
      '2001:db8::/33,France,Paris,Réseau',
      '0.0.0.0/0,,,Rest',
      '',
    ].join('\r\n'),
  );
  const none = { country: null, city: null, isp: null };
  assert.deepEqual(places.find('10.9.9.9'), {
    ...{ country: 'Germany', city: 'Berlin', isp: 'Net, "the" one' },
  });
  assert.deepEqual(places.find('10.1.3.255'), { ...none, country: 'Germany' });
  assert.equal(places.find('2001:db8:7fff::1')?.city, 'Paris');
  assert.equal(places.find('2001:db8:8000::1'), undefined);
  assert.deepEqual(places.find('192.0.2.1'), { ...none, isp: 'Rest' });
  assert.throws(() => csvPlaces('10.0.0.0/8,a\nmoon,b'), /line 2/);
});

test('of several files the first that knows a field counts', async (t) => {
  const dir = await temporaryDir(t);
  const [mmdb, csv] = [join(dir, 'city.mmdb'), join(dir, 'isp.csv')];
  await writeFile(
    mmdb,
    lowerHalf({ city: { names: { en: 'Oslo' } }, country: { iso_code: 'NO' } }),
  );
  await writeFile(csv, '10.0.0.0/8,Norway,,Fjord Net\n');
  const places = await readPlaces([mmdb, csv]);
  assert.deepEqual(places.find('10.1.1.1'), { city: 'Oslo', country: 'NO', isp: 'Fjord Net' });
  assert.deepEqual(places.find('11.1.1.1'), { city: 'Oslo', country: 'NO', isp: null });
  assert.equal(places.find('200.1.1.1'), undefined);
  for (const bad of [join(dir, 'none.csv'), csv.replace('csv', 'mmdb')]) {
    if (bad.endsWith('.mmdb')) await writeFile(bad, 'no database');
    await assert.rejects(readPlaces([bad]), (e) => isSluiceError(e, 'InvalidArgument'));
  }
});

type Data = string | number | { [key: string]: Data };

/** A database of MaxMind's format 2.0 with one record, for the IPv4 addresses below 128.0.0.0. */
function lowerHalf(record: Data): Buffer {
  const [separator, nodes] = [16, 1];
  const tree = Buffer.alloc(6);
  tree.writeUIntBE(nodes + separator, 0, 3);
  tree.writeUIntBE(nodes, 3, 3);
  const metadata: Data = {
    ...{ binary_format_major_version: 2, binary_format_minor_version: 0, build_epoch: 1 },
    ...{ database_type: 'Test', description: {}, ip_version: 4, node_count: nodes },
    ...{ record_size: 24 },
  };
  return Buffer.concat([
    ...[tree, Buffer.alloc(separator), encoded(record)],
    ...[Buffer.from('abcdef', 'hex'), Buffer.from('MaxMind.com'), encoded(metadata)],
  ]);
}

/** The data section of the format: a type in the upper three bits, the size in the others. */
function encoded(data: Data): Buffer {
  if (typeof data === 'string') {
    return Buffer.concat([Buffer.of((2 << 5) | data.length), Buffer.from(data)]);
  }
  if (typeof data === 'number') return Buffer.of((6 << 5) | 1, data);
  const entries = Object.entries(data);
  const parts = entries.flatMap(([key, value]) => [encoded(key), encoded(value)]);
  return Buffer.concat([Buffer.of((7 << 5) | entries.length), ...parts]);
}
