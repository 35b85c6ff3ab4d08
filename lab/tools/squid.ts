import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pid } from 'node:process';
import { LabProcess } from '../process/lab-process.ts';
import { untilItAnswers } from '../servers/nginx.ts';
import { curlFrom, curlNeeds } from './curl.ts';
import type { Tool } from './tool.ts';

const port = 3128;

export const squid: Tool = {
  name: 'squid',
  summary: 'curl on every device, through a squid on site',
  needs: [...curlNeeds, { package: 'squid', check: ['squid', '-v'] }],
  async prepare({ cacheSpot, folder, url, signal, file }) {
    const { address, namespace } = cacheSpot;
    const own = path.join(folder, 'squid');
    await mkdir(own, { recursive: true });
    const config = path.join(own, 'squid.conf');
    await writeFile(config, squidConfig({ address, size: file.size }));
    const process = await LabProcess.start({
      namespace,
      command: 'squid',
      // One process in the foreground; a service name of its own keeps it off other squids' files.
      args: ['-N', '-n', `lab${pid}`, '-f', config],
      log: path.join(own, 'log'),
    });
    const ready = curlFrom(signal, '-x', `http://${address}:${port}`, url);
    try {
      await untilItAnswers(process, { namespace, url: `http://${address}:${port}/` });
    } catch (error) {
      await process.kill();
      throw error;
    }
    return { ...ready, [Symbol.asyncDispose]: () => process.stop() };
  },
};

/**
 * One memory cache that the whole file fits in, and one transfer for all who want the same. It refuses
 * to run as root, and its user may not write to folders of the lab.
 */
function squidConfig({ address, size }: { address: string; size: number }): string {
  return `http_port ${address}:${port}
http_access allow all
cache_effective_user proxy
pid_filename none
access_log none
cache_log /dev/null
coredump_dir none
cache_mem ${Math.ceil(size / 2 ** 20) * 2 + 64} MB
maximum_object_size_in_memory ${Math.ceil(size / 2 ** 20) + 1} MB
maximum_object_size ${Math.ceil(size / 2 ** 20) + 1} MB
collapsed_forwarding on
read_ahead_gap 1 MB
shutdown_lifetime 1 seconds
pinger_enable off
`;
}
