import { fileURLToPath } from 'node:url';
import { LabProcess } from '../process/lab-process.ts';
import type { Fault } from './fault.ts';

const lyingPeer = fileURLToPath(new URL('lying-peer.ts', import.meta.url));

/** Peers that say they have everything, and send rubbish. */
export const lyingPeers: Fault = {
  name: 'lying peers',
  machines: 2,
  async raise({ ground, machines, agent, stack }) {
    for (const { namespace, address, number } of machines) {
      const peer = await LabProcess.start({
        namespace,
        command: process.execPath,
        args: [lyingPeer, agent.cloud!, ground.url, address, String(number)],
      });
      stack.use(peer);
      await peer.line((line) => line === 'ready');
    }
  },
};
