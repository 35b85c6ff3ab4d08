/**
 * How often a device writes to the sockets of its peers: a fleet of `sluice demo` fetches one file, each
 * device a process of its own, and counts its writes. Each write is a system call, and most of what
 * devices say to each other is a few bytes long. Prints writes for each piece and peer.
 *
 * The devices must run from the sources: without packages/cli/dist.
 *
 *     node bench/swarm-writes.ts [devices] [size]
 */
import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

interface Counted {
  messages: number;
  content: number;
  cpu: number;
}

const [devices = '8', size = '128MiB'] = process.argv.slice(2);
const root = fileURLToPath(new URL('..', import.meta.url));
const start = join(root, 'packages/cli/bin/start.js');
const count = pathToFileURL(join(root, 'packages/agent/bench/count-swarm-writes.ts')).href;
const folder = mkdtempSync(join(tmpdir(), 'sluice-writes-'));
try {
  const file = join(folder, 'counts');
  const env = { ...process.env, NODE_OPTIONS: `--import ${count}`, SLUICE_COUNT_FILE: file };
  const args = [start, 'demo', '--devices', devices, '--size', size, '--json'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env });
  const { FileSize, ElapsedMs } = JSON.parse(stdout) as { FileSize: number; ElapsedMs: number };
  // The bundle has a copy of its own of what is counted.
  if (!existsSync(file)) throw new Error('nothing was counted: remove packages/cli/dist first');
  const all = readFileSync(file, 'utf8').trim().split('\n').map(parse);
  const pieces = Math.ceil(FileSize / 1_048_576);
  const peers = all.length - 1;
  const each = (sum: number) => (sum / all.length / pieces / peers).toFixed(2);
  const total = (of: keyof Counted) => all.reduce((sum, c) => sum + c[of], 0);
  console.log(
    `${all.length} devices, ${pieces} MiB, ${ElapsedMs} ms; for each piece and peer: ` +
      `${each(total('messages'))} writes of messages, ${each(total('content'))} of content; ` +
      `${total('cpu').toFixed(1)} CPU-s`,
  );
} finally {
  rmSync(folder, { recursive: true });
}

function parse(line: string): Counted {
  return JSON.parse(line);
}
