import { fileURLToPath } from 'node:url';
import { wanAddress } from '../network/site.ts';
import { slowDown } from '../network/slow-down.ts';
import { LabProcess } from '../process/lab-process.ts';
import { startCacheNode } from '../servers/sluice-cache-node.ts';
import { cloudUrl } from '../servers/sluice-cloud.ts';
import type { Fault } from './fault.ts';

const slowMbit = 1;
const answerMs = 2_000;
const proxyPort = 8088;
const slowProxy = fileURLToPath(new URL('slow-proxy.ts', import.meta.url));

/** A cache node behind a line of 1 Mbit/s. */
export const slowCacheNode: Fault = {
  name: 'slow cache node',
  machines: 0,
  async raise({ ground, agent, stack }) {
    const { cacheSpot: spot, folder, url, site } = ground;
    const node = await startCacheNode({ spot, folder, url });
    stack.use(node.process);
    agent.cacheHost = node.host;
    stack.use(await slowDown(site, spot, slowMbit));
  },
};

/** A cloud that takes two seconds for each answer. */
export const slowCloud: Fault = {
  name: 'slow cloud',
  machines: 0,
  async raise({ ground, agent, stack }) {
    const proxy = await LabProcess.start({
      namespace: ground.network.servers,
      command: process.execPath,
      args: [slowProxy, wanAddress, String(proxyPort), cloudUrl, String(answerMs)],
    });
    stack.use(proxy);
    await proxy.line((line) => line === 'ready');
    agent.cloud = `http://${wanAddress}:${proxyPort}`;
  },
};
