import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import {
  formatContentRange,
  formatPiecesHashFile,
  PiecesHasher,
  parseRange,
} from '@sluice/protocol';
import { trains } from '../../packages/cli/bin/code.js';

const run = promisify(execFile);
/** Enough for threads to be worth their start. */
const contentLength = 96 << 20;
const timeoutMs = 60_000;

/**
 * Runs a small fleet of agents and a download, on loopback, and has the bundle keep what V8 compiled for
 * them (`bin/code.js`). Where a process is not asked to end but ended (Windows) nothing is kept of agents.
 * @param root the folder of the workspace.
 * @throws when it does not work here; the bundle works without, and starts slower.
 */
export async function trainBundle(root: string): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'sluice-train-'));
  const sluice = (...args: string[]) => {
    const script = path.join(root, 'packages/cli/bin/sluice.js');
    const env = { ...process.env, [trains]: '1' };
    return run(process.execPath, [script, ...args], { env, cwd: folder, timeout: timeoutMs });
  };
  try {
    try {
      await sluice('demo', '--devices', '3', '--size', '32MiB');
    } finally {
      await download(folder, sluice);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function download(
  folder: string,
  sluice: (...args: string[]) => Promise<unknown>,
): Promise<void> {
  const content = randomFillSync(Buffer.alloc(contentLength));
  const hasher = new PiecesHasher();
  hasher.update(content);
  const phf = hasher.finish();
  const files = { '/content': content, '/phf': Buffer.from(formatPiecesHashFile(phf)) };
  const server = createServer(giving(files)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    await sluice(
      ...['get', `${origin}/content`, '-o', path.join(folder, 'content'), '--foreground'],
      ...['--data-dir', path.join(folder, 'data')],
      ...['--hash-of-hashes', phf.hashOfHashes, '--phf', `${origin}/phf`],
    );
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

/** A web server with ranges. */
function giving(files: Record<string, Buffer>): RequestListener {
  return ({ url = '', headers }, response) => {
    const file = files[url];
    if (!file) {
      response.writeHead(404).end();
      return;
    }
    const asked = parseRange(headers.range ?? '', file.length);
    const range = Array.isArray(asked) ? asked[0]! : { start: 0, end: file.length };
    response.setHeader('Content-Length', range.end - range.start);
    response.setHeader('Content-Range', formatContentRange(range, file.length));
    response.writeHead(Array.isArray(asked) ? 206 : 200).end(file.subarray(range.start, range.end));
  };
}
