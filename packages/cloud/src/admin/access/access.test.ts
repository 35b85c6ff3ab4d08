import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fastify } from 'fastify';
import { handleError } from '../../http/error-handling.ts';
import { browser, password, startAdminWorld } from '../admin-world.test-support.ts';
import { type AdminRole, adminRoles } from './caller.ts';
import { ownersOnlyUnlessSaid, requireRole } from './require-role.ts';

const node = '/admin/cache-nodes/site-1';
/** Every route of the admin API with the least role for it. */
const routes: [method: string, path: string, least: AdminRole][] = [
  ['GET', '/admin/me', 'viewer'],
  ['POST', '/admin/me/password', 'viewer'],
  ['POST', '/admin/logout', 'viewer'],
  ['GET', '/admin/content', 'viewer'],
  ['POST', '/admin/content', 'operator'],
  ['DELETE', '/admin/content/a', 'operator'],
  ['GET', '/admin/settings', 'viewer'],
  ['PATCH', '/admin/settings', 'operator'],
  ['GET', '/admin/cache-nodes', 'viewer'],
  ['POST', '/admin/cache-nodes', 'operator'],
  ['GET', node, 'viewer'],
  ['PATCH', node, 'operator'],
  ['DELETE', node, 'operator'],
  ['POST', `${node}/registration-key`, 'operator'],
  ['GET', `${node}/preheat`, 'viewer'],
  ['POST', `${node}/preheat`, 'operator'],
  ['DELETE', `${node}/preheat/1`, 'operator'],
  ['GET', '/admin/users', 'owner'],
  ['POST', '/admin/users', 'owner'],
  ['GET', '/admin/users/anna', 'owner'],
  ['PATCH', '/admin/users/anna', 'owner'],
  ['DELETE', '/admin/users/anna', 'owner'],
  ['GET', '/admin/tokens', 'owner'],
  ['POST', '/admin/tokens', 'owner'],
  ['DELETE', '/admin/tokens/t', 'owner'],
  ['GET', '/admin/audit', 'owner'],
];

test('each route lets in its least role and those above; nobody without a login', async (t) => {
  const w = await startAdminWorld(t);
  for (const role of adminRoles) await w.makeUser(`a-${role}`, role);
  const callers: { role: AdminRole; token: string; ask: typeof w.ask }[] = [];
  for (const role of adminRoles) {
    const token = await w.makeToken(`by-${role}`, role);
    const user = await w.login(`a-${role}`);
    callers.push({ role, token, ask: user.ask });
  }
  for (const [method, path, least] of routes) {
    const body = method === 'GET' || method === 'DELETE' ? {} : { body: { Wrong: 1 } };
    const asked = { method, ...body };
    assert.equal((await w.ask(path, asked)).status, 401, path);
    for (const { role, token, ask } of callers) {
      const allowed = adminRoles.indexOf(role) >= adminRoles.indexOf(least);
      const answers = [await w.withToken(token, path, asked)];
      // Logging out is the one thing that would be over then.
      if (path !== '/admin/logout') answers.push(await ask(path, asked));
      for (const { status, json } of answers) {
        assert.equal(status === 403, !allowed, `${role} ${method} ${path}: ${status}`);
        if (!allowed) assert.equal(json.Code, 'RoleTooLow');
        assert.ok(status < 500 && status !== 401, `${method} ${path}: ${status}`);
      }
    }
  }
});

test('a route that says no role is for owners of the cloud, one of tenants for theirs, too', async (t) => {
  const app = fastify();
  t.after(() => app.close());
  app.setErrorHandler(handleError);
  app.decorateRequest('admin', undefined);
  app.addHook('onRequest', async (request) => {
    const [role, tenant] = String(request.headers.as).split(' ') as [AdminRole, string];
    request.admin = { user: 'x', role, tenant };
  });
  ownersOnlyUnlessSaid(app);
  app.get('/unsaid', async () => 'in');
  app.get('/said', { onRequest: requireRole('viewer') }, async () => 'in');
  app.get('/later', { preHandler: [requireRole('viewer', 'tenant')] }, async () => 'in');
  const status = async (url: string, as: string) =>
    (await app.inject({ url, headers: { as } })).statusCode;
  const table: [string, ...number[]][] = [
    ['owner default', 200, 200, 200],
    ['operator default', 403, 200, 200],
    ['viewer default', 403, 200, 200],
    ['owner other', 403, 403, 200],
    ['viewer other', 403, 403, 200],
  ];
  for (const [as, ...expected] of table) {
    const found = [await status('/unsaid', as), await status('/said', as)];
    assert.deepEqual([...found, await status('/later', as)], expected, as);
  }
});

test('a cookie that is forged, doubled, cut or another’s opens nothing', async (t) => {
  const w = await startAdminWorld(t);
  await w.makeUser('anna', 'owner');
  const { cookie } = await w.login('anna');
  const [name, value] = cookie.split('=') as [string, string];
  const flipped = (value[0] === 'A' ? 'B' : 'A') + value.slice(1);
  for (const bad of [
    '',
    `${name}=`,
    `${name}=${'A'.repeat(43)}`,
    `${name}=${flipped}`,
    `${name}=${value.slice(1)}`,
    `${name}=${value}x`,
    `${name}="${value}"`,
    `${name}=${value}; ${name}=${value}`,
    `${name}=${'A'.repeat(43)}; ${name}=${value}`,
    `x${name}=${value}`,
    `__Host-${name}=${value}`,
    `${name}=' OR '1'='1`,
    `${name}=anna`,
  ]) {
    assert.equal((await browser(w, bad).ask('/admin/me')).status, 401, bad);
  }
  assert.equal((await browser(w, `a=b;${cookie} ; c=d`).ask('/admin/me')).json.User, 'anna');
  // A header that is wrong is not made good by a cookie.
  const headers = { authorization: 'Bearer sat_wrong' };
  assert.equal((await browser(w, cookie).ask('/admin/me', { headers })).status, 401);
});

test('what a page of another site has a browser send changes nothing', async (t) => {
  const w = await startAdminWorld(t);
  await w.makeUser('anna', 'owner');
  const { cookie } = await w.login('anna');
  const host = new URL(w.cloud.url).host;
  const table: [headers: Record<string, string>, allowed: boolean][] = [
    [{ 'sec-fetch-site': 'same-origin' }, true],
    [{ origin: `http://${host}` }, true],
    [{ 'sec-fetch-site': 'same-origin', origin: `http://${host}` }, true],
    [{}, false],
    [{ 'sec-fetch-site': 'cross-site' }, false],
    [{ 'sec-fetch-site': 'same-site' }, false],
    [{ 'sec-fetch-site': 'none' }, false],
    [{ 'sec-fetch-site': 'cross-site', origin: `http://${host}` }, false],
    [{ origin: 'null' }, false],
    [{ origin: '' }, false],
    [{ origin: 'http://evil.example' }, false],
    [{ origin: `http://${host}.evil.example` }, false],
    [{ origin: `http://127.0.0.1:1` }, false],
    [{ origin: `http://evil.example/${host}` }, false],
  ];
  for (const [headers, allowed] of table) {
    const what = JSON.stringify(headers);
    const change = { method: 'PATCH', body: { Default: {} } };
    const answer = await w.ask('/admin/settings', { ...change, headers: { cookie, ...headers } });
    assert.equal(answer.status, allowed ? 200 : 403, what);
    if (!allowed) assert.equal(answer.json.Code, 'CrossSiteRequest', what);
    // Reading is what browsers keep from other sites by themselves.
    assert.equal((await w.ask('/admin/me', { headers: { cookie, ...headers } })).status, 200);
    const body = { Name: 'anna', Password: password };
    const login = await w.ask('/admin/login', { body, headers });
    const isProgram = Object.keys(headers).length === 0;
    assert.equal(login.status, allowed || isProgram ? 200 : 403, what);
  }
});
