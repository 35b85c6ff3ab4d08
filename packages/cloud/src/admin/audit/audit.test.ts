import assert from 'node:assert/strict';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test } from 'node:test';
import type { AuditEntry } from '@sluice/protocol';
import { auditHash, firstPreviousHash, parseAuditReply } from '@sluice/protocol/schemas';
import { password, startAdminWorld } from '../admin-world.test-support.ts';

test('every change, and every one that was refused, is told: who, from where, what, and the outcome', async (t) => {
  const w = await startAdminWorld(t);
  await w.makeUser('anna', 'operator');
  const anna = await w.login('anna');
  const node = { body: { Name: 'site-1', Cidrs: ['10.0.0.0/8'] } };
  await anna.ask('/admin/cache-nodes', node);
  await anna.ask('/admin/cache-nodes/site-1/registration-key', { body: {} });
  await anna.ask('/admin/users', { body: { Name: 'x', Role: 'owner', Password: password } });
  await anna.ask('/admin/settings', { method: 'PATCH', body: { Default: { DOMaxCacheAge: 5 } } });
  await anna.ask('/admin/settings', { method: 'PATCH', body: { 'Secret\n': 'geheim-geheim' } });
  await anna.ask('/admin/content/%1b%5b2Jx%00', { method: 'DELETE' });
  await anna.ask('/admin/logout', { body: {}, headers: { 'sec-fetch-site': 'cross-site' } });
  await anna.ask('/admin/cache-nodes', { body: '{' });
  await w.ask('/admin/login', { body: { Name: 'my password by mistake', Password: 'anna' } });
  await w.ask('/admin/users', { body: {} });
  await anna.ask('/admin/cache-nodes');
  const { json } = await w.admin('/admin/audit?order=oldest');
  const entries = parseAuditReply(json).Entries;
  const short = (e: AuditEntry) => [e.User, e.Action, e.Target, e.Status, e.Error];
  assert.deepEqual(entries.map(short), [
    ['admin-token', 'POST /admin/users', '', 201, null],
    ['anna', 'login', '', 200, null],
    ['anna', 'POST /admin/cache-nodes', '', 201, null],
    ['anna', 'POST /admin/cache-nodes/:name/registration-key', 'site-1', 200, null],
    ['anna', 'POST /admin/users', '', 403, 'RoleTooLow'],
    ['anna', 'PATCH /admin/settings', '', 200, null],
    ['anna', 'PATCH /admin/settings', '', 400, 'RequestInvalid'],
    ['anna', 'DELETE /admin/content/:contentId', '\ufffd[2Jx\ufffd', 400, 'RequestInvalid'],
    ['anna', 'POST /admin/logout', '', 403, 'CrossSiteRequest'],
    ['anna', 'POST /admin/cache-nodes', '', 400, 'RequestInvalid'],
    ['', 'login', '', 401, 'LoginFailed'],
  ]);
  assert.ok(entries.every((e) => e.Address === '127.0.0.1' && e.Tenant === 'default'));
  const details = entries.map((e) => JSON.parse(e.Detail));
  assert.deepEqual(details[0], { Name: 'anna', Role: 'operator', Tenant: 'default' });
  assert.deepEqual(details[2], { Name: 'site-1', Cidrs: ['10.0.0.0/8'] });
  assert.deepEqual(details[5], { Default: { DOMaxCacheAge: 5 } });
  for (const secret of [password, 'geheim', 'by mistake', anna.cookie.split('=')[1]!]) {
    assert.ok(!JSON.stringify(json).includes(secret), secret);
  }
  let previous = firstPreviousHash;
  for (const [i, { Hash, ...entry }] of entries.entries()) {
    assert.deepEqual([entry.Seq, entry.PreviousHash], [i + 1, previous]);
    assert.equal(auditHash(entry), Hash);
    previous = Hash;
  }
});

test('the log is read in pages, newest first, by user, action and time', async (t) => {
  const w = await startAdminWorld(t);
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names) {
    await w.makeUser(name, 'viewer');
    w.clock.advance(60_000);
  }
  await w.login('c');
  const read = async (query: string) => {
    const answer = await w.admin(`/admin/audit?${query}`);
    assert.equal(answer.status, 200, answer.text);
    return parseAuditReply(answer.json);
  };
  const seqs = (reply: { Entries: AuditEntry[] }) => reply.Entries.map((e) => e.Seq);
  const first = await read('limit=4');
  assert.deepEqual([seqs(first), first.Next], [[6, 5, 4, 3], '3']);
  const second = await read('limit=4&after=3');
  assert.deepEqual([seqs(second), second.Next], [[2, 1], null]);
  assert.deepEqual(seqs(await read('order=oldest&limit=2&after=2')), [3, 4]);
  assert.deepEqual(seqs(await read('user=c')), [6]);
  assert.deepEqual(seqs(await read('action=login')), [6]);
  assert.deepEqual(seqs(await read('action=POST%20/admin/us&order=oldest')), [1, 2, 3, 4, 5]);
  assert.deepEqual(seqs(await read('action=%25')), [], 'no pattern, what it begins with');
  const times = (await read('order=oldest')).Entries.map((e) => e.Time);
  assert.deepEqual(seqs(await read(`from=${times[1]}&to=${times[3]}`)), [3, 2]);
  for (const bad of ['limit=0', 'after=x', 'order=up', 'from=soon', 'user=%0a', 'other=1']) {
    assert.equal((await w.admin(`/admin/audit?${bad}`)).status, 400, bad);
  }
});

test('a change that cannot be told is answered as a failure, and the cloud goes on', async (t) => {
  const w = await startAdminWorld(t);
  const db = new DatabaseSync(join(w.dataDir, 'audit.sqlite'));
  db.exec('ALTER TABLE admin_audit RENAME TO away');
  const body = { Default: { DOMaxCacheAge: 5 } };
  const change = () => w.admin('/admin/settings', { method: 'PATCH', body });
  const failed = await change();
  assert.deepEqual([failed.status, failed.json.Code], [500, 'Internal']);
  assert.equal((await w.admin('/admin/settings')).status, 200, 'reading needs no log');
  db.exec('ALTER TABLE away RENAME TO admin_audit');
  db.close();
  assert.equal((await change()).status, 200);
  assert.equal((await w.admin('/admin/audit')).json.Entries.length, 1);
});
