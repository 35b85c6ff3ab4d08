import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ManualClock } from '@sluice/protocol';
import fc from 'fast-check';
import { inSubnetOf, isOwn, type OwnAddress, ownAddressesOf } from './own-address.ts';

const own = (address: string, prefix: number, more: Partial<OwnAddress> = {}): OwnAddress => ({
  address,
  prefix,
  zone: 'eth0',
  internal: false,
  tunnel: false,
  ...more,
});
const all = [
  own('127.0.0.1', 8, { zone: 'lo', internal: true }),
  own('10.0.0.5', 24),
  own('fd00::5', 64),
];

describe('the device’s own addresses', () => {
  it('are this host’s, loopback among them', () => {
    const found = ownAddressesOf(undefined, new ManualClock())();
    assert.ok(found.some((o) => o.internal && o.address === '127.0.0.1' && o.prefix === 8));
    assert.ok(found.every((o) => !o.address.includes('%')));
  });

  it('are those it listens on', () => {
    const on = (host: string | undefined) =>
      ownAddressesOf(host, new ManualClock(), () => all)().map((o) => o.address);
    const every = all.map((o) => o.address);
    assert.deepEqual([on(undefined), on('::'), on('localhost')], [every, every, every]);
    assert.deepEqual(on('0.0.0.0'), ['127.0.0.1', '10.0.0.5']);
    assert.deepEqual(on('10.0.0.5'), ['10.0.0.5']);
    assert.deepEqual(on('10.0.0.6'), []);
  });

  it('are asked anew after a while: networks come and go', () => {
    const clock = new ManualClock();
    let now = all.slice(0, 1);
    const addresses = ownAddressesOf(undefined, clock, () => now);
    assert.equal(addresses().length, 1);
    now = all;
    clock.advance(4_999);
    assert.equal(addresses().length, 1);
    clock.advance(1);
    assert.equal(addresses().length, 3);
  });

  it('are known with and without zone, and all of loopback is ours', () => {
    for (const ours of ['10.0.0.5', 'fd00::5', 'fd00::5%eth0', '127.0.0.1', '127.9.9.9']) {
      assert.equal(isOwn(all, ours), true, ours);
    }
    for (const other of ['10.0.0.6', 'fd00::6', '::1', '']) {
      assert.equal(isOwn(all, other), false, other);
    }
    assert.equal(isOwn(all.slice(1), '127.0.0.1'), false);
  });

  it('share a subnet with who has the same first bits', () => {
    const v4 = fc.integer({ min: 0, max: 0xffff_ffff });
    const text = (n: number) => [24, 16, 8, 0].map((s) => (n >>> s) & 255).join('.');
    fc.assert(
      fc.property(v4, v4, fc.integer({ min: 0, max: 32 }), (a, b, prefix) => {
        const mask = prefix === 0 ? 0 : -1 << (32 - prefix);
        assert.equal(inSubnetOf(own(text(a), prefix), text(b)), (a & mask) === (b & mask));
      }),
    );
  });
});
