import assert from 'node:assert/strict';
import { test } from 'node:test';
import { password, startAdminWorld } from '../admin-world.test-support.ts';

test('users: made, listed in pages, changed, removed; what they are called is bounded', async (t) => {
  const w = await startAdminWorld(t);
  for (const name of ['anna', 'bert', 'c.d@example.com']) await w.makeUser(name, 'viewer');
  const { json } = await w.admin('/admin/users?limit=2');
  assert.deepEqual(
    [json.Users.map((u: { Name: string }) => u.Name), json.Next],
    [['anna', 'bert'], 'bert'],
  );
  assert.ok(!JSON.stringify(json).includes('scrypt'), 'no hash leaves the cloud');
  const rest = (await w.admin('/admin/users?limit=2&after=bert')).json;
  assert.deepEqual([rest.Users.length, rest.Next], [1, null]);
  const one = (await w.admin('/admin/users/c.d%40example.com')).json;
  assert.deepEqual(
    [one.Role, one.Tenant, one.IsEnabled, one.Source, one.CreatedBy, one.LastLogin],
    ['viewer', 'default', true, 'password', 'admin-token', null],
  );
  const made = { Name: 'x', Role: 'viewer', Password: password };
  const bad: object[] = [
    { Name: 'anna' },
    { Name: '' },
    { Name: 'Anna' },
    { Name: 'a b' },
    { Name: 'a\r\nx-injected: 1' },
    { Name: 'a\u0000' },
    { Name: 'oidc:x' },
    { Name: 'token:x' },
    { Name: '../x' },
    { Name: 'a;b' },
    { Name: 'x'.repeat(64) },
    { Name: 7 },
    { Role: 'admin' },
    { Role: ['owner'] },
    { Password: 'short' },
    { Password: 'aaaaaaaaaaaaaaaa' },
    { Name: 'berta', Password: 'my name is Berta' },
    { Password: 'x'.repeat(257) },
    { Tenant: 'A B' },
    { Unknown: 1 },
  ];
  for (const change of bad) {
    const { status, json } = await w.admin('/admin/users', { body: { ...made, ...change } });
    assert.deepEqual([status, json.Code], [400, 'RequestInvalid'], JSON.stringify(change));
  }
  for (const path of ['nobody', 'oidc%3Anobody']) {
    assert.equal((await w.admin(`/admin/users/${path}`)).status, 404, path);
  }
  for (const path of ['%00', 'a%0d%0ab', 'A']) {
    assert.equal((await w.admin(`/admin/users/${path}`)).status, 400, path);
  }
  assert.equal((await w.admin('/admin/users/anna', { method: 'DELETE' })).status, 204);
  assert.equal((await w.admin('/admin/users/anna', { method: 'DELETE' })).status, 404);
});

test('API tokens: told once, work until they expire or are revoked, say when they were used', async (t) => {
  const w = await startAdminWorld(t);
  const ExpiresAt = new Date(Date.now() + 3_600_000).toISOString();
  const token = await w.makeToken('ci', 'operator', { ExpiresAt });
  assert.match(token, /^sat_[\w-]{43}$/);
  const list = async () => (await w.admin('/admin/tokens')).json.Tokens;
  const [before] = await list();
  assert.deepEqual([before.Name, before.Role, before.LastUsed], ['ci', 'operator', null]);
  assert.equal(JSON.stringify(before).includes(token.slice(4)), false);
  const me = await w.withToken(token, '/admin/me');
  assert.deepEqual([me.json.User, me.json.By], ['token:ci', 'token']);
  assert.notEqual((await list())[0].LastUsed, null);
  for (const bad of [token.slice(0, -1), `${token}x`, token.toUpperCase(), token.slice(4)]) {
    assert.equal((await w.withToken(bad, '/admin/me')).status, 401);
  }
  for (const path of ['/admin/logout', '/admin/me/password']) {
    const body = { CurrentPassword: password, NewPassword: password };
    const answer = await w.withToken(token, path, { body });
    assert.equal(answer.status, 400, 'a token is no login');
  }
  w.clock.advance(2 * 3_600_000);
  assert.equal((await w.withToken(token, '/admin/me')).status, 401);
  const other = await w.makeToken('other', 'viewer');
  assert.equal((await w.admin('/admin/tokens/other', { method: 'DELETE' })).status, 204);
  assert.equal((await w.withToken(other, '/admin/me')).status, 401);
  assert.equal((await w.admin('/admin/tokens/other', { method: 'DELETE' })).status, 404);
  const made = { Name: 'x', Role: 'viewer', ExpiresAt: null };
  for (const change of [
    { Name: 'ci' },
    { Name: 'a\nb' },
    { ExpiresAt: 'soon' },
    { ExpiresAt: '2020-01-01T00:00:00Z' },
    { ExpiresAt: 5 },
    { Role: 'root' },
    { Token: 'sat_mine' },
  ]) {
    const { status } = await w.admin('/admin/tokens', { body: { ...made, ...change } });
    assert.equal(status, 400, JSON.stringify(change));
  }
});

test('nobody rises by what he may do, and nobody has to do with another tenant’s users', async (t) => {
  const w = await startAdminWorld(t);
  const asRole = async (role: 'viewer' | 'operator') => w.makeToken(role, role);
  await w.makeUser('chief', 'owner', { Tenant: 'north' });
  await w.makeUser('clerk', 'viewer', { Tenant: 'north' });
  await w.makeUser('southern', 'owner', { Tenant: 'south' });
  await w.makeUser('central', 'viewer');
  const chief = await w.login('chief');
  const northern = await w.makeToken('northern', 'owner', { Tenant: 'north' });
  const clerk = await w.login('clerk');
  const user = (change: object) => ({
    body: { Name: 'new', Role: 'owner', Password: password, ...change },
  });
  const token = (change: object) => ({
    body: { Name: 'new', Role: 'owner', ExpiresAt: null, ...change },
  });
  type Ask = typeof w.ask;
  const low = await asRole('viewer');
  const middle = await asRole('operator');
  const callers: Record<string, Ask> = {
    viewer: (path, asked) => w.withToken(low, path, asked),
    operator: (path, asked) => w.withToken(middle, path, asked),
    clerk: clerk.ask,
    chief: chief.ask,
    northern: (path, asked) => w.withToken(northern, path, asked),
  };
  const patch = (body: object) => ({ method: 'PATCH', body });
  const remove = { method: 'DELETE' };
  const table: [who: string, path: string, asked: object, status: number][] = [
    ['viewer', '/admin/users', user({}), 403],
    ['operator', '/admin/users', user({}), 403],
    ['operator', '/admin/tokens', token({}), 403],
    ['operator', '/admin/users/central', patch({ Role: 'owner' }), 403],
    ['clerk', '/admin/users/clerk', patch({ Role: 'owner' }), 403],
    ['clerk', '/admin/users', user({ Tenant: 'north' }), 403],
    ['chief', '/admin/users', user({ Tenant: 'default' }), 403],
    ['chief', '/admin/users', user({ Tenant: 'south' }), 403],
    ['chief', '/admin/tokens', token({ Tenant: 'default' }), 403],
    ['chief', '/admin/users/chief', patch({ Tenant: 'default' }), 400],
    ['chief', '/admin/users/chief', patch({ tenant: 'default' }), 400],
    ['chief', '/admin/users/southern', { method: 'GET' }, 404],
    ['chief', '/admin/users/southern', patch({ Password: password }), 404],
    ['chief', '/admin/users/southern', remove, 404],
    ['chief', '/admin/users/central', patch({ IsEnabled: false }), 404],
    ['chief', '/admin/tokens/operator', remove, 404],
    ['northern', '/admin/users/central', remove, 404],
    ['northern', '/admin/audit?tenant=default', { method: 'GET' }, 200],
    // What is the cloud’s as a whole is not a tenant’s.
    ['chief', '/admin/settings', { method: 'GET' }, 403],
    ['chief', '/admin/settings', patch({ Forced: {} }), 403],
    ['northern', '/admin/content', { method: 'GET' }, 403],
    ['northern', '/admin/cache-nodes', { method: 'GET' }, 403],
    ['chief', '/admin/users/clerk', patch({ Role: 'operator' }), 200],
    ['chief', '/admin/users', user({ Name: 'hand' }), 201],
  ];
  for (const [who, path, asked, status] of table) {
    const answer = await callers[who]!(path, asked);
    const what = `${who} ${path} ${JSON.stringify(asked)}: ${answer.text}`;
    assert.equal(answer.status, status, what);
    if (path.startsWith('/admin/audit')) {
      const tenants = new Set(answer.json.Entries.map((e: { Tenant: string }) => e.Tenant));
      assert.deepEqual([...tenants], ['north'], 'whatever tenant is asked for');
    }
  }
  const names = async (ask: Ask) =>
    (await ask('/admin/users')).json.Users.map((u: { Name: string }) => u.Name);
  assert.deepEqual(await names(chief.ask), ['chief', 'clerk', 'hand']);
  const all = ['central', 'chief', 'clerk', 'hand', 'southern'];
  assert.deepEqual(await names(w.admin), all);
  assert.equal((await w.admin('/admin/users/hand')).json.Tenant, 'north');
});
