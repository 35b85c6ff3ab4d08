import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import {
  browser,
  cheap,
  cookieOf,
  password,
  startAdminWorld,
} from '../admin-world.test-support.ts';
import { attemptLimits } from './attempts.ts';
import { Passwords } from './passwords.ts';

const hour = 3_600_000;

test('a password is kept as a salted hash that says its cost, and only it matches', async () => {
  const passwords = new Passwords(cheap);
  const kept = await passwords.hash(password);
  assert.match(kept, /^scrypt\$4\$1\$1\$[\w-]{22}\$[\w-]{43}$/);
  assert.notEqual(await passwords.hash(password), kept, 'a salt of its own');
  // Kept at another cost, it still matches.
  assert.ok(await new Passwords({ logN: 5, r: 2, p: 1 }).matches(password, kept));
  for (const wrong of ['', ' ', `${password} `, password.toUpperCase()]) {
    assert.equal(await passwords.matches(wrong, kept), false, wrong);
  }
  assert.ok(
    await passwords.matches('Ångström-Ångström', await passwords.hash('Ångström-Ångström')),
  );
  assert.equal(await passwords.matches(password, undefined), false);
  assert.equal(await passwords.matches(password, null), false);
  await assert.rejects(passwords.matches(password, 'plain'), (e) => isSluiceError(e, 'Internal'));
});

test('more passwords at once than can wait are refused, not computed', async () => {
  const passwords = new Passwords(cheap);
  const all = await Promise.allSettled(Array.from({ length: 40 }, () => passwords.hash(password)));
  const failed = all.filter((one) => one.status === 'rejected');
  assert.equal(failed.length, 8);
  assert.ok(failed.every((one) => isSluiceError(one.reason, 'TooManyLogins')));
  assert.ok(await passwords.hash(password), 'and the next is not held up');
});

test('log in, see who one is, log out; the cookie is worth nothing then', async (t) => {
  const w = await startAdminWorld(t);
  await w.makeUser('anna', 'operator');
  assert.deepEqual((await w.ask('/admin/login')).json, { Password: true, Oidc: false });
  const answer = await w.ask('/admin/login', { body: { Name: 'anna', Password: password } });
  assert.deepEqual(answer.json, { User: 'anna', Role: 'operator', Tenant: 'default' });
  const [set] = answer.headers['set-cookie'] as string[];
  assert.match(
    set!,
    /^sluice-session=[\w-]{43}; Path=\/; Max-Age=604800; HttpOnly; SameSite=Strict$/,
  );
  const anna = browser(w, cookieOf(answer));
  assert.deepEqual((await anna.ask('/admin/me')).json, {
    ...{ User: 'anna', DisplayName: null, Role: 'operator', Tenant: 'default' },
    ...{ By: 'session', CanChangePassword: true },
  });
  const out = await anna.ask('/admin/logout', { method: 'POST' });
  assert.equal(out.status, 204);
  assert.match((out.headers['set-cookie'] as string[])[0]!, /^sluice-session=; .*Max-Age=0/);
  for (let i = 0; i < 2; i++) assert.equal((await anna.ask('/admin/me')).status, 401);
  const again = await w.login('anna');
  assert.notEqual(again.cookie, anna.cookie);
  // A new login ends the session that the browser had.
  const body = { Name: 'anna', Password: password };
  assert.equal((await again.ask('/admin/login', { body })).status, 200);
  assert.equal((await again.ask('/admin/me')).status, 401);
});

test('over TLS the cookie is one that no other host and no plain connection can set', async (t) => {
  const w = await startAdminWorld(t, { trustedProxies: ['127.0.0.1'] });
  await w.makeUser('anna', 'viewer');
  const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-for': '192.0.2.7' };
  const body = { Name: 'anna', Password: password };
  const answer = await w.ask('/admin/login', { body, headers });
  assert.match(
    (answer.headers['set-cookie'] as string[])[0]!,
    /^__Host-sluice-session=[\w-]{43}; Path=\/; .*SameSite=Strict; Secure$/,
  );
  const cookie = cookieOf(answer);
  assert.equal((await browser(w, cookie).ask('/admin/me', { headers })).status, 200);
  const plain = cookie.replace('__Host-', '');
  assert.equal((await browser(w, plain).ask('/admin/me', { headers })).status, 401);
});

test('a session ends after 12 idle hours, after a week, and when its user changes', async (t) => {
  const w = await startAdminWorld(t);
  await w.makeUser('anna', 'operator');
  const status = async (b: { ask: typeof w.ask }) => (await b.ask('/admin/me')).status;
  const idle = await w.login('anna');
  const busy = await w.login('anna');
  w.clock.advance(11 * hour);
  assert.equal(await status(busy), 200);
  w.clock.advance(hour);
  assert.deepEqual([await status(idle), await status(busy)], [401, 200]);
  for (let i = 0; i < 15; i++) {
    w.clock.advance(10 * hour);
    assert.equal(await status(busy), 200);
  }
  w.clock.advance(10 * hour);
  assert.equal(await status(busy), 401);

  const change = (body: object) => w.admin('/admin/users/anna', { method: 'PATCH', body });
  const session = await w.login('anna');
  await change({ Role: 'viewer' });
  assert.equal((await session.ask('/admin/me')).json.Role, 'viewer', 'at once');
  await change({ IsEnabled: false });
  assert.equal(await status(session), 401);
  await change({ IsEnabled: true });
  assert.equal(await status(session), 401, 'and it stays over');
  const other = await w.login('anna');
  const own = await w.login('anna');
  const to = { NewPassword: 'another good passphrase' };
  const set = (CurrentPassword: string, more: object = to) =>
    own.ask('/admin/me/password', { body: { CurrentPassword, ...more } });
  assert.equal((await set('wrong wrong wrong')).status, 401);
  assert.equal((await set(password, { NewPassword: 'short' })).status, 400);
  assert.equal((await set(password)).status, 204);
  assert.deepEqual([await status(other), await status(own)], [401, 200]);
  await assert.rejects(w.login('anna'));
  await change({ Password: password });
  assert.equal(await status(own), 401);
  const last = await w.login('anna');
  await w.admin('/admin/users/anna', { method: 'DELETE' });
  assert.equal(await status(last), 401);
});

test('wrong names, passwords and disabled users look the same', async (t) => {
  const w = await startAdminWorld(t);
  await w.makeUser('anna', 'viewer');
  await w.makeUser('bert', 'viewer');
  await w.admin('/admin/users/bert', { method: 'PATCH', body: { IsEnabled: false } });
  const replies = [];
  for (const [Name, Password] of [
    ['anna', 'wrong wrong wrong'],
    ['bert', password],
    ['nobody', password],
    ['a\r\nset-cookie: x=y', password],
    ['anna\u0000', password],
    ["' OR '1'='1", password],
    ['oidc:anna', ''],
  ]) {
    const answer = await w.ask('/admin/login', { body: { Name, Password } });
    assert.equal(answer.headers['set-cookie'], undefined);
    replies.push([answer.status, answer.text]);
  }
  assert.equal(new Set(replies.map(String)).size, 1, JSON.stringify(replies));
  assert.equal(replies[0]![0], 401);
  for (const body of [{}, { Name: 'anna' }, { Name: ['anna'], Password: password }, 'x']) {
    assert.equal((await w.ask('/admin/login', { body })).status, 400);
  }
});

test('who guesses has ten tries at a name, however many at once, and thirty from one address', async (t) => {
  const w = await startAdminWorld(t, { trustedProxies: ['127.0.0.1'] });
  await w.makeUser('anna', 'viewer');
  const from = (ip: string, Name: string, Password: string) =>
    w.ask('/admin/login', { body: { Name, Password }, headers: { 'x-forwarded-for': ip } });
  const many = await Promise.all(
    Array.from({ length: 15 }, (_, i) => from(`192.0.2.${i}`, 'anna', `guess number ${i}`)),
  );
  const count = (status: number) => many.filter((answer) => answer.status === status).length;
  assert.deepEqual([count(401), count(429)], [attemptLimits.name, 5]);
  const right = await from('192.0.2.99', 'anna', password);
  assert.deepEqual([right.status, right.headers['retry-after']], [429, '900']);
  w.clock.advance(attemptLimits.windowMs - 1);
  assert.equal((await from('192.0.2.99', 'anna', password)).status, 429);
  w.clock.advance(1);
  assert.equal((await from('192.0.2.99', 'anna', password)).status, 200);

  // One IPv6 network is one address.
  for (let i = 0; i < attemptLimits.address; i++) {
    assert.equal((await from(`2001:db8::${i}`, `nobody-${i}`, 'x')).status, 401);
  }
  assert.equal((await from('2001:db8::ffff', 'anna', password)).status, 429);
  assert.equal((await from('2001:db8:1::1', 'anna', password)).status, 200);
  // Those who know their passwords are never too many.
  for (let i = 0; i < 40; i++)
    assert.equal((await from('192.0.2.1', 'anna', password)).status, 200);
  const { json } = await w.admin('/admin/audit?action=login&limit=500');
  const refused = json.Entries.filter((entry: { Status: number }) => entry.Status === 429);
  assert.equal(refused.length, 2, 'of attempts beyond a limit the first is told');
});
