import assert from 'node:assert/strict';
import { test } from 'node:test';
import { localIp } from './reported-ip.ts';

test('only addresses on the device’s own side are believed', () => {
  const cases: [reported: string | undefined, external: string, told: string | undefined][] = [
    ['10.1.2.3', '198.51.100.1', '10.1.2.3'],
    ['::ffff:10.1.2.3', '198.51.100.1', '10.1.2.3'],
    ['FD00::1', '2001:db8::1', 'fd00::1'],
    ['100.64.0.9', '198.51.100.1', '100.64.0.9'],
    ['198.51.100.1', '198.51.100.1', undefined],
    ['8.8.8.8', '198.51.100.1', undefined],
    ['2001:db8::2', '2001:db8::1', undefined],
    ['127.0.0.1', '198.51.100.1', undefined],
    ['127.0.0.2', '127.0.0.1', '127.0.0.2'],
    ['169.254.169.254', '10.0.0.1', undefined],
    ['fe80::1', '2001:db8::1', undefined],
    ['0.0.0.0', '198.51.100.1', undefined],
    ['224.0.0.1', '198.51.100.1', undefined],
    ['evil.example', '198.51.100.1', undefined],
    ['', '198.51.100.1', undefined],
    [undefined, '198.51.100.1', undefined],
  ];
  for (const [reported, external, told] of cases) {
    assert.equal(localIp(reported, external), told, `${reported} from ${external}`);
  }
});
