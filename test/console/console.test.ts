import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { faultsOf, goTo, newContext, noBrowser, startBrowser } from './browser.ts';
import { consolePages } from './console-pages.ts';
import { type SeededCloud, startSeededCloud } from './seeded-fleet.ts';

/** Bytes until the first page is there, as they come over the line. */
const firstLoadBytes = 300_000;

describe('the console in a browser', { skip: noBrowser }, () => {
  let cloud: SeededCloud;
  let browser: Browser;
  let page: Page;
  /** What the browser complained of: among it, whatever the content policy forbids. */
  const complaints: string[] = [];

  /** One goes on where the one before left the page: after a failure the others would tell nothing. */
  const step = (name: string, run: () => Promise<void>) =>
    test(name, async (t) => {
      if (hasFailed) return t.skip('an earlier step has failed');
      hasFailed = true;
      await run();
      hasFailed = false;
    });
  let hasFailed = false;

  before(async () => {
    [cloud, browser] = await Promise.all([startSeededCloud(), startBrowser()]);
    page = await (await newContext(browser)).newPage();
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // That nobody is signed in yet is asked by a request that is refused.
      const isLook = message.location().url.endsWith('/admin/me');
      if (message.type() === 'error' && !isLook) complaints.push(message.text());
    });
  });
  after(async () => {
    await browser?.close();
    await cloud?.[Symbol.asyncDispose]();
  });

  step('signing in by keyboard alone; a wrong password is told', async () => {
    await page.goto(`${cloud.url}/console`);
    const name = page.getByRole('textbox', { name: /^Name/ });
    await name.waitFor();
    assert.deepEqual(await faultsOf(page), []);
    await name.focus();
    await page.keyboard.type(cloud.user.name);
    await page.keyboard.press('Tab');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await page.getByRole('alert').waitFor();
    // The status of a refused login is told by the browser as well.
    complaints.length = 0;
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(cloud.user.password);
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
    await page.getByText('Volume by source').waitFor();
  });

  step('what the first page loads is small', async () => {
    const bytes = Number(await page.evaluate(encodedBytes));
    assert.ok(bytes > 50_000 && bytes <= firstLoadBytes, `${bytes} bytes`);
  });

  step(
    'every page, in light, dark and at the width of a phone, has no serious fault of accessibility; there none is wider',
    async () => {
      for (const [path, title] of consolePages(cloud)) {
        await goTo(page, path, title);
        // What is around the pages, once: it is the same.
        const within = path === '#/' ? 'html' : 'main';
        assert.deepEqual(await faultsOf(page, { within }), [], path);
        await page.emulateMedia({ colorScheme: 'dark' });
        const inTheDark = await faultsOf(page, { within, rules: ['color-contrast'] });
        assert.deepEqual(inTheDark, [], `${path} in the dark`);
        await page.setViewportSize({ width: 375, height: 700 });
        const width = Number(await page.evaluate('document.documentElement.scrollWidth'));
        assert.ok(width <= 375, `${path} is ${width} wide`);
        const onPhone = await faultsOf(page, { within });
        assert.deepEqual(onPhone, [], `${path} at the width of a phone`);
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.emulateMedia({ colorScheme: 'light' });
      }
    },
  );

  step('a device further on is seen without a reload', async () => {
    await goTo(page, `#/live/${encodeURIComponent(cloud.contentIds[0]!)}`, 'update-2026-11.img');
    await page.getByText('live', { exact: true }).waitFor();
    const PeerId = await cloud.goOn();
    await page.locator('.flow').first().waitFor();
    assert.match((await page.locator('.tiles').textContent()) ?? '', /Devices19/);
    const newcomer = page.getByRole('progressbar', { name: `Progress of ${PeerId.slice(0, 12)}` });
    assert.equal(await newcomer.getAttribute('value'), '0');
  });

  step(
    'a setting: a wrong value is told before it is sent; Escape leaves all as it was; Enter sets it',
    async () => {
      await goTo(page, '#/policies', 'Policies');
      await page.getByLabel('Find a setting').fill('DOMaxCacheAge');
      const button = page.getByRole('button', { name: 'Set DOMaxCacheAge' });
      await button.focus();
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      const value = dialog.getByLabel('Value');
      await value.fill('-1');
      await dialog.getByText(/whole number/).waitFor();
      assert.deepEqual(await faultsOf(page), []);
      await page.keyboard.press('Escape');
      await dialog.waitFor({ state: 'detached' });
      await page.locator('[aria-label="Set DOMaxCacheAge"]:focus').waitFor();
      await page.keyboard.press('Enter');
      await value.fill('86400');
      await value.press('Enter');
      await dialog.waitFor({ state: 'detached' });
      await page.getByText('86400 s').waitFor();
    },
  );

  step('a phone: the menu opens, and closes when a page was chosen', async () => {
    await page.setViewportSize({ width: 375, height: 700 });
    const menu = page.getByRole('button', { name: 'Menu' });
    await menu.click();
    await page.getByRole('link', { name: 'Audit' }).click();
    await page.getByRole('heading', { level: 1, name: 'Audit' }).waitFor();
    assert.equal(await menu.getAttribute('aria-expanded'), 'false');
    assert.equal(await page.getByRole('link', { name: 'Audit' }).isVisible(), false);
    await page.setViewportSize({ width: 1280, height: 800 });
  });

  step('a file is published from the browser', async () => {
    await goTo(page, '#/publish', 'Publish');
    const file = {
      name: 'x.bin',
      mimeType: 'application/octet-stream',
      buffer: Buffer.alloc(3_000_000, 7),
    };
    await page.locator('input[type=file]').setInputFiles(file);
    await page.getByRole('textbox', { name: 'URLs' }).fill('https://downloads.example/x.bin');
    await page.getByRole('button', { name: 'Publish' }).click();
    await page.getByRole('link', { name: 'See the content' }).click();
    await page.getByRole('heading', { level: 1, name: 'x.bin' }).waitFor();
  });

  step(
    'who signs out is out; a token that is pasted lets in, and is gone with a reload',
    async () => {
      assert.deepEqual(complaints, []);
      await page.getByRole('button', { name: 'Sign out' }).click();
      await page.getByRole('tab', { name: 'Token' }).click();
      await page.getByLabel('Admin or API token').fill(cloud.adminToken);
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.reload();
      await page.getByRole('textbox', { name: /^Name/ }).waitFor();
      assert.ok(
        !String(await page.evaluate('JSON.stringify(localStorage)')).includes(cloud.adminToken),
      );
    },
  );

  step(
    'a fleet of nobody, signed in by the link of the demo: each page tells the next step',
    async () => {
      // The same browser, so that nothing is loaded twice.
      await using empty = await startSeededCloud({ empty: true });
      const other = await (await newContext(browser)).newPage();
      await other.goto(linkOf(empty));
      await other.getByRole('button', { name: 'Sign out' }).waitFor();
      assert.equal(new URL(other.url()).hash, '#/live/a%2Fb');
      for (const [path, title, step] of emptyPages) {
        await goTo(other, path, title);
        await other.getByText(step).first().waitFor();
      }
      // The link is good once.
      const { name: Name, password: Password } = empty.user;
      const again = await other.request.post(`${empty.url}/admin/login`, {
        data: { Name, Password },
      });
      assert.equal(again.status(), 401);
      await other.context().close();
    },
  );
});

/** As `sluice demo --open` makes it. */
function linkOf({ url, user }: SeededCloud): string {
  return `${url}/console/#/sign-in?${new URLSearchParams({ ...user, content: 'a/b' })}`;
}

/** JavaScript: bytes of all files of the console, as they came. */
const encodedBytes = `performance.getEntries()
  .filter(({ name }) => name.includes('/console'))
  .reduce((sum, { encodedBodySize = 0 }) => sum + encodedBodySize, 0)`;

const emptyPages = [
  ['#/', 'Overview', /sluice get/],
  ['#/live', 'Live', /sluice get/],
  ['#/devices', 'Devices', /sluice agent/],
  ['#/alarms', 'Alarms', /sluice cloud log/],
  ['#/content', 'Content', /sluice publish/],
  ['#/ingest', 'Ingestion', /--ingest-allow/],
  ['#/rules', 'Content rules', /content-policy block/],
  ['#/cache-nodes', 'Cache nodes', /sluice cache-node/],
  ['#/rollouts', 'Rollouts', /five devices of a hundred/],
  ['#/enrolment', 'Enrolment', /sluice cloud enrolment create/],
  ['#/tokens', 'API tokens', /sluice publish/],
] as const;
