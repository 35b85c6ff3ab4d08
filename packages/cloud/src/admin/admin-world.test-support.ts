import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { startCloud, type TestCloud } from '../cloud.test-support.ts';
import type { CloudOptions } from '../cloud.ts';
import type { AdminRole } from './access/caller.ts';

/** Costs next to nothing; what it costs in truth is one number in `passwords.ts`. */
export const cheap = { logN: 4, r: 1, p: 1 };
export const password = 'correct horse battery';
/** What a browser adds to what a page of the cloud itself has it ask. */
const sameSite = { 'sec-fetch-site': 'same-origin' };

type Asked = NonNullable<Parameters<TestCloud['ask']>[1]>;

/** A cloud with its users, at the price of cheap passwords. */
export interface AdminWorld extends TestCloud {
  makeUser(Name: string, Role: AdminRole, more?: object): Promise<void>;
  /** @returns an API token. */
  makeToken(Name: string, Role: AdminRole, more?: object): Promise<string>;
  /** @returns what to ask with, as this user’s browser does; a header that is given wins. */
  login(Name: string): Promise<Browser>;
  /** Asks with an API token. */
  withToken(token: string, path: string, asked?: Asked): ReturnType<TestCloud['ask']>;
}

export interface Browser {
  cookie: string;
  ask(path: string, asked?: Asked): ReturnType<TestCloud['ask']>;
}

export async function startAdminWorld(
  t: TestContext,
  options: Partial<CloudOptions> = {},
): Promise<AdminWorld> {
  const c = await startCloud(t, { passwordCost: cheap, ...options });
  const post = async (path: string, body: object) => {
    const made = await c.admin(path, { body });
    assert.equal(made.status, 201, made.text);
    return made.json;
  };
  return {
    ...c,
    async makeUser(Name, Role, more = {}) {
      await post('/admin/users', { Name, Role, Password: password, ...more });
    },
    async makeToken(Name, Role, more = {}) {
      return (await post('/admin/tokens', { Name, Role, ExpiresAt: null, ...more })).Token;
    },
    async login(Name) {
      const answer = await c.ask('/admin/login', { body: { Name, Password: password } });
      assert.equal(answer.status, 200, answer.text);
      return browser(c, cookieOf(answer));
    },
    withToken: (token, path, asked = {}) =>
      c.ask(path, { ...asked, headers: { authorization: `Bearer ${token}`, ...asked.headers } }),
  };
}

export function browser(c: TestCloud, cookie: string): Browser {
  return {
    cookie,
    ask: (path, asked = {}) =>
      c.ask(path, { ...asked, headers: { cookie, ...sameSite, ...asked.headers } }),
  };
}

/** `name=value` of the cookie that was set last. */
export function cookieOf({ headers }: { headers: Record<string, unknown> }): string {
  const set = [headers['set-cookie']].flat().at(-1);
  assert.ok(typeof set === 'string', 'a cookie');
  return set.split(';')[0]!;
}
