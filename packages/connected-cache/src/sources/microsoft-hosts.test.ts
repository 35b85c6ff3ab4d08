import assert from 'node:assert/strict';
import { test } from 'node:test';
import { contentOf } from './microsoft-hosts.ts';

test('names the kind of content by its host', () => {
  for (const [host, content] of [
    ['tlu.dl.delivery.mp.microsoft.com', 'WindowsUpdate'],
    ['msedge.b.tlu.delivery.mp.microsoft.com', 'Edge'],
    ['statics.teams.cdn.office.net', 'Office'],
    ['x.statics.teams.cdn.office.net', 'Teams'],
    ['a.res.cdn.office.net', 'Outlook'],
    ['swdb02.manage.microsoft.com', 'Intune'],
    ['tlu.dl.adu.microsoft.com', 'DeviceUpdate'],
    ['d1.xboxlive.com', 'Xbox'],
    ['deb.debian.org', 'Other'],
  ] as const) {
    assert.equal(contentOf(host), content, host);
  }
});
