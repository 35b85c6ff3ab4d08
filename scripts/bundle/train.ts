import { execFile } from 'node:child_process';
import { randomFillSync } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { formatPiecesHashFile, PiecesHasher } from '@sluice/protocol';
import { serveObject } from '../../packages/agent/src/source/testing/object-server.ts';
import { trains } from '../../packages/cli/bin/code.js';

const run = promisify(execFile);
/** Enough for threads to be worth their start. */
const contentLength = 96 << 20;
const timeoutMs = 60_000;

/**
 * Runs a download, on loopback, and has the bundle keep what V8 compiled for it (`bin/code.js`).
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
    await download(folder, sluice);
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
  await using source = await serveObject(content);
  await using beside = await serveObject(Buffer.from(formatPiecesHashFile(phf)));
  await sluice(
    ...['get', `${source.origin}/content`, '-o', path.join(folder, 'content'), '--foreground'],
    ...['--data-dir', path.join(folder, 'data')],
    ...['--hash-of-hashes', phf.hashOfHashes, '--phf', `${beside.origin}/phf`],
  );
}
