/** `sluice demo --open`: the browser gets an address that signs in, and the console has the fleet at work. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { SwarmDevice } from '@sluice/protocol';

const cli = fileURLToPath(new URL('../packages/cli/bin/sluice.js', import.meta.url));
const noShebang = process.platform === 'win32' && 'programs are not scripts there';

test('the browser is opened at a console that has the devices at work', {
  skip: noShebang,
}, async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-open-'));
  await using browser = await startBrowser(folder);
  const demo = spawn(
    process.execPath,
    [cli, 'demo', '--open', '--devices', '2', '--size', '8MiB'],
    {
      env: { ...process.env, BROWSER: browser.program, TMPDIR: folder },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  );
  const said = text(demo.stderr);
  const exit = once(demo, 'exit');
  try {
    // That it ends without opening anything is no reason to wait for ever.
    const link = await Promise.race([browser.link, exit.then(() => said)]);
    const { origin, pathname, hash } = new URL(link);
    assert.equal(pathname, '/console/');
    assert.equal((await fetch(`${origin}/console/`)).headers.get('content-type'), htmlType);
    const given = new URLSearchParams(hash.slice('#/sign-in?'.length));
    const cookie = await login(origin, String(given.get('name')), String(given.get('password')));
    const headers = { cookie };
    const answer = await fetch(`${origin}/admin/content`, { headers });
    const { Contents } = (await answer.json()) as { Contents: { ContentId: string }[] };
    assert.equal(Contents.length, 1);
    assert.equal(given.get('content'), Contents[0]!.ContentId);
    const id = encodeURIComponent(Contents[0]!.ContentId);
    await untilDevicesAt(`${origin}/admin/swarms/${id}/stream`, headers, 2);
  } finally {
    demo.kill('SIGINT');
    await exit;
    await said;
  }
  assert.equal(demo.exitCode, 130);
  assert.deepEqual(await readdir(folder), [path.basename(browser.program)], 'nothing is left');
  await rm(folder, { recursive: true });
});

const htmlType = 'text/html; charset=utf-8';

/** A program that tells us the address that it is to open. */
async function startBrowser(folder: string) {
  const { promise: link, resolve } = Promise.withResolvers<string>();
  const server = createServer(async (request, response) => {
    resolve(await text(request));
    response.end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const program = path.join(folder, 'browser');
  const tell = `fetch('http://127.0.0.1:${port}/', { method: 'POST', body: process.argv[2] });\n`;
  await writeFile(program, `#!${process.execPath}\n${tell}`, { mode: 0o755 });
  return {
    program,
    link,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** @returns the cookie of the session */
async function login(origin: string, Name: string, Password: string): Promise<string> {
  const response = await fetch(`${origin}/admin/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ Name, Password }),
  });
  assert.equal(response.status, 200, await response.text());
  return response.headers.getSetCookie()[0]!.split(';')[0]!;
}

/** Follows a swarm until there are so many devices in it. */
async function untilDevicesAt(
  url: string,
  headers: Record<string, string>,
  count: number,
): Promise<void> {
  const response = await fetch(url, { headers });
  assert.equal(response.status, 200);
  const devices = new Set<string>();
  let rest = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop()!;
    for (const line of lines.filter((one) => one.startsWith('data: '))) {
      const { Devices } = JSON.parse(line.slice('data: '.length)) as { Devices: SwarmDevice[] };
      for (const { PeerId } of Devices) devices.add(PeerId);
    }
    if (devices.size >= count) return;
  }
  assert.fail(`the stream ended with ${devices.size} devices`);
}
