/** `npm run console:screenshots`: pictures of the console for the documentation, `docs/console-*.png`. */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { goTo, newContext, noBrowser, signIn, startBrowser } from '../test/console/browser.ts';
import { startSeededCloud } from '../test/console/seeded-fleet.ts';

const docs = fileURLToPath(new URL('../docs', import.meta.url));
/** Bytes: they are cloned with the sources. */
const most = 150_000;

if (noBrowser) throw new Error(noBrowser);
await using cloud = await startSeededCloud();
await using browser = await startBrowser();
const content = encodeURIComponent(cloud.contentIds[0]!);
const download = `#/devices/${cloud.deviceId}/${cloud.jobId}`;

await picture('alarms', { path: '#/alarms', title: 'Alarms' });
await cloud.settle();
await picture('overview', { path: '#/', title: 'Overview', settled: '.u-wrap' });
await cloud.goOn();
await picture('live', {
  path: `#/live/${content}`,
  title: 'update-2026-11.img',
  settled: '.flow',
  only: 'svg.flows',
  width: 930,
});
await picture('why', { path: download, title: 'office-suite.msi' });
await picture('rules', { path: '#/rules', title: 'Content rules' });
await picture('enrolment', { path: '#/enrolment', title: 'Enrolment' });
await picture('phone', { path: '#/cache-nodes/oslo', title: 'oslo', width: 390, dark: true });

async function picture(
  name: string,
  asked: {
    path: string;
    title: string;
    settled?: string;
    dark?: boolean;
    width?: number;
    only?: string;
  },
): Promise<void> {
  const context = await newContext(browser, asked.dark);
  const page = await context.newPage();
  await page.setViewportSize({ width: asked.width ?? 1_100, height: asked.only ? 1_200 : 600 });
  await signIn(page, cloud);
  await goTo(page, asked.path, asked.title);
  if (asked.settled) await page.locator(asked.settled).first().waitFor();
  const file = path.join(docs, `console-${name}.png`);
  const shown = asked.only === undefined ? page : page.locator(asked.only).first();
  await shown.screenshot({ path: file });
  await context.close();
  const { size } = await stat(file);
  if (size > most) throw new Error(`${file} has ${size} bytes, ${most} are allowed`);
  console.log(`${file} ${size} bytes`);
}
