import { existsSync } from 'node:fs';
import axe from 'axe-core';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import type { SeededCloud } from './seeded-fleet.ts';

const places = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];
const executablePath = places.find((place) => existsSync(place));

/** Why there is no browser, for `skip`; false: there is one. */
export const noBrowser: string | false =
  executablePath === undefined && 'no Chromium here: apt-get install chromium';

export function startBrowser(): Promise<Browser> {
  // Chromium refuses its sandbox to root, as whom CI runs.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath: executablePath!, args });
}

/** A browser without memory of earlier ones, that moves nothing by itself. */
export function newContext(browser: Browser, dark = false): Promise<BrowserContext> {
  return browser.newContext({
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    viewport: { width: 1280, height: 800 },
  });
}

export async function signIn(page: Page, cloud: SeededCloud): Promise<void> {
  await page.goto(`${cloud.url}/console/`);
  await page.getByRole('textbox', { name: /^Name/ }).fill(cloud.user.name);
  await page.getByRole('textbox', { name: /^Password/ }).fill(cloud.user.password);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor();
}

/** Goes to a page of the console, and waits until it is there as a whole. */
export async function goTo(page: Page, path: string, title: string): Promise<void> {
  await page.evaluate(`location.hash = ${JSON.stringify(path)}`);
  await page.getByRole('heading', { level: 1, name: title, exact: true }).waitFor();
  await page.locator('[aria-label="Loading"]').first().waitFor({ state: 'detached' });
}

interface Violation {
  id: string;
  impact: string;
  nodes: { html: string; failureSummary: string }[];
}

/**
 * What axe finds that is serious or worse, as lines.
 * @param of.rules only these. @param of.within a selector: only there
 */
export async function faultsOf(
  page: Page,
  of: { rules?: string[]; within?: string } = {},
): Promise<string[]> {
  // By the debugger, which the content policy does not bind.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(axe.source);
  const options = { resultTypes: ['violations'], ...(of.rules && { runOnly: of.rules }) };
  const given = [of.within ?? 'html', options].map((one) => JSON.stringify(one)).join();
  const { violations } = (await page.evaluate(`axe.run(${given})`)) as {
    violations: Violation[];
  };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.html.slice(0, 200)} ${node.failureSummary}`),
    );
}
