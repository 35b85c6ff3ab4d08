import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { isSluiceError } from '@sluice/protocol';
import { browser, startAdminWorld } from '../admin-world.test-support.ts';
import { checkOidcOptions, type OidcOptions, roleOf } from './oidc-options.ts';
import { clientId, clientSecret, startProvider, TestBrowser } from './provider.test-support.ts';

const start = '/admin/login/oidc';
const callback = `${start}/callback`;
const isHome = (url: URL) => url.pathname === '/console/';
const isCallback = (url: URL) => url.pathname === callback;

async function world(t: TestContext) {
  const provider = await startProvider(t);
  const oidc: OidcOptions = {
    ...{ issuer: provider.issuer, clientId, clientSecret, scope: 'profile groups' },
    roleClaim: 'groups',
    roles: [
      { value: 'readers', role: 'viewer' },
      { value: 'admins', role: 'owner' },
    ],
  };
  const w = await startAdminWorld(t, { oidc });
  const { url } = w.cloud;
  provider.serve(`${url}${callback}`);
  provider.who = { sub: 'u-1', claims: { groups: ['admins'], preferred_username: 'Anna' } };
  const me = (b: TestBrowser) => {
    const session = b.cookies(url).get('sluice-session');
    return browser(w, `sluice-session=${session}`).ask('/admin/me');
  };
  return { ...w, url, provider, me };
}

suite('logging in at an identity provider', () => {
  test('by code with PKCE, state and nonce; the role is what the provider says, each time', async (t) => {
    const w = await world(t);
    const { provider, url } = w;
    assert.deepEqual((await w.ask('/admin/login')).json, { Password: true, Oidc: true });
    const sent = await w.ask(start);
    assert.equal(sent.status, 303);
    const asked = new URL(String(sent.headers.location));
    assert.equal(asked.origin, provider.issuer);
    const { code_challenge_method, scope, redirect_uri, response_type } = Object.fromEntries(
      asked.searchParams,
    );
    assert.deepEqual(
      [code_challenge_method, scope, redirect_uri, response_type],
      ['S256', 'openid profile groups', `${url}${callback}`, 'code'],
    );
    const [set] = sent.headers['set-cookie'] as string[];
    assert.match(set!, /^sluice-oidc=[\w.-]+; Path=\/; Max-Age=600; HttpOnly; SameSite=Lax$/);

    const anna = new TestBrowser();
    assert.ok(isHome((await anna.go(`${url}${start}`, isHome)).url));
    assert.deepEqual([...anna.cookies(url).keys()], ['sluice-session'], 'the other one is gone');
    assert.deepEqual((await w.me(anna)).json, {
      ...{ User: 'oidc:u-1', DisplayName: 'Anna', Role: 'owner', Tenant: 'default' },
      ...{ By: 'session', CanChangePassword: false },
    });
    const own = `/admin/users/oidc%3Au-1`;
    assert.equal((await w.admin(own)).json.Source, 'oidc');
    for (const body of [{ Role: 'viewer' }, { Password: 'a password for it' }]) {
      assert.equal((await w.admin(own, { method: 'PATCH', body })).status, 400);
    }

    provider.who.claims = { groups: 'readers', preferred_username: 'Anna\u001b[2J' };
    await anna.go(`${url}${start}`, isHome);
    const now = (await w.me(anna)).json;
    assert.deepEqual([now.Role, now.DisplayName], ['viewer', 'Anna\ufffd[2J']);

    provider.who.claims = { groups: ['others'] };
    const refused = await new TestBrowser().go(`${url}${start}`, isHome);
    assert.equal(refused.status, 403);
    assert.match(refused.text, /LoginRefused.*groups/);

    provider.who.claims = { groups: ['admins'] };
    await w.admin(own, { method: 'PATCH', body: { IsEnabled: false } });
    assert.equal((await w.me(anna)).status, 401);
    const disabled = await new TestBrowser().go(`${url}${start}`, isHome);
    assert.deepEqual([disabled.status, (await w.admin(own)).json.IsEnabled], [403, false]);
    const { json } = await w.admin('/admin/audit?user=oidc:u-1&action=login');
    const statuses = json.Entries.map((entry: { Status: number }) => entry.Status);
    assert.deepEqual(statuses, [403, 303, 303]);
  });

  test('an answer that is not of this browser’s own login opens nothing', async (t) => {
    const w = await world(t);
    const { url } = w;
    const name = 'sluice-oidc';
    type Change = (back: URL, jar: Map<string, string>) => void;
    const flowPart = (i: number): Change => {
      return (_back, jar) => {
        const parts = jar.get(name)!.split('.');
        parts[i] = 'A'.repeat(43);
        jar.set(name, parts.join('.'));
      };
    };
    const table: Record<string, Change> = {
      'no cookie: another browser': (_back, jar) => jar.delete(name),
      'a cookie that is none': (_back, jar) => jar.set(name, 'x'),
      'the state of another login': (back) => back.searchParams.set('state', 'A'.repeat(43)),
      'no state': (back) => back.searchParams.delete('state'),
      'another login’s state in the cookie': flowPart(0),
      'another nonce': flowPart(1),
      'a verifier that does not fit': flowPart(2),
      'a code that is guessed': (back) => back.searchParams.set('code', 'guess'),
      'no code': (back) => back.searchParams.delete('code'),
      'an error': (back) => {
        back.searchParams.delete('code');
        back.searchParams.set('error', 'access_denied');
      },
      'another issuer': (back) => back.searchParams.set('iss', 'http://evil.example'),
    };
    for (const [what, change] of Object.entries(table)) {
      const b = new TestBrowser();
      const back = (await b.go(`${url}${start}`, isCallback)).url;
      change(back, b.cookies(url));
      const answer = await b.go(back.href, isHome);
      assert.equal(answer.status, 403, `${what}: ${answer.text}`);
      assert.equal(JSON.parse(answer.text).Code, 'LoginRefused', what);
      assert.equal(b.cookies(url).has('sluice-session'), false, what);
    }
    const b = new TestBrowser();
    const back = (await b.go(`${url}${start}`, isCallback)).url;
    const flow = b.cookies(url).get(name)!;
    assert.ok(isHome((await b.go(back.href, isHome)).url));
    const replay = new TestBrowser();
    replay.cookies(url).set(name, flow);
    assert.equal((await replay.go(back.href, isHome)).status, 403, 'a code is good once');
  });

  test('without the provider one logs in by password, and is told', async (t) => {
    const w = await startAdminWorld(t, {
      oidc: {
        ...{ issuer: 'http://127.0.0.1:1', clientId, clientSecret, scope: '', roleClaim: 'groups' },
        roles: [{ value: 'x', role: 'viewer' }],
      },
    });
    const answer = await w.ask(start);
    assert.deepEqual([answer.status, answer.json.Code], [502, 'IdentityProviderFailed']);
    await w.makeUser('anna', 'owner');
    await w.login('anna');
  });
});

test('what cannot work is refused at the start', () => {
  const good: OidcOptions = {
    ...{ issuer: 'https://id.example', clientId, clientSecret, scope: '', roleClaim: 'groups' },
    roles: [{ value: 'x', role: 'viewer' }],
  };
  checkOidcOptions(good);
  checkOidcOptions({ ...good, issuer: 'http://localhost:8080/realms/x' });
  for (const [change, name] of [
    [{ issuer: 'http://id.example' }, '--oidc-issuer'],
    [{ issuer: 'ftp://127.0.0.1' }, '--oidc-issuer'],
    [{ issuer: 'id.example' }, '--oidc-issuer'],
    [{ issuer: 'http://127.0.0.1.evil.example' }, '--oidc-issuer'],
    [{ clientId: '' }, '--oidc-client-id'],
    [{ clientSecret: '' }, '--oidc-client-secret-file'],
    [{ roles: [] }, '--oidc-role'],
  ] as const) {
    assert.throws(
      () => checkOidcOptions({ ...good, ...change, roles: [...(change.roles ?? good.roles)] }),
      (e) => isSluiceError(e, 'InvalidArgument') && e.message.startsWith(name),
    );
  }
});

test('the role is the highest that a claim gives, wherever it is', () => {
  const roles: OidcOptions['roles'] = [
    { value: 'o', role: 'owner' },
    { value: 'v', role: 'viewer' },
    { value: 'p', role: 'operator' },
  ];
  const table: [
    claims: Record<string, unknown>,
    roleClaim: string,
    expected: string | undefined,
  ][] = [
    [{ groups: ['v', 'p'] }, 'groups', 'operator'],
    [{ groups: ['v', 'o', 'x'] }, 'groups', 'owner'],
    [{ groups: 'v' }, 'groups', 'viewer'],
    [{ groups: ['x'] }, 'groups', undefined],
    [{ groups: { o: true } }, 'groups', undefined],
    [{ groups: [['o']] }, 'groups', undefined],
    [{ groups: null }, 'groups', undefined],
    [{}, 'groups', undefined],
    [{ realm_access: { roles: ['p'] } }, 'realm_access.roles', 'operator'],
    [{ 'https://x.example/roles': ['v'] }, 'https://x.example/roles', 'viewer'],
    [{ a: 'o' }, 'a.length', undefined],
    [{}, 'constructor.name', undefined],
  ];
  for (const [claims, roleClaim, expected] of table) {
    assert.equal(roleOf(claims, { roleClaim, roles }), expected, JSON.stringify(claims));
  }
});
