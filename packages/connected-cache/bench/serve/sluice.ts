import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type CacheServer, ended, type Setting } from './server.ts';

/** Our cache node, in a process of its own. */
export async function startSluice(setting: Setting, workers: number): Promise<CacheServer> {
  const folder = join(setting.folder, 'sluice');
  const script = join(import.meta.dirname, '..', 'node-process.ts');
  const child = spawn(process.execPath, [script, folder, setting.origin, `${workers}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const url = `${line}/object?cacheHostOrigin=${setting.origin}`;
  const stop = () => ended(child, undefined);
  return { name: 'sluice', url, pid: child.pid!, folder, stop };
}
