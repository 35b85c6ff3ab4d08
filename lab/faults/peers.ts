import path from 'node:path';
import { command } from '../network/ip.ts';
import { slowDown } from '../network/slow-down.ts';
import type { LabProcess } from '../process/lab-process.ts';
import { downloadThrough, startAgent } from '../servers/sluice-device.ts';
import type { LabDevice } from '../tools/tool.ts';
import type { Fault, Stage } from './fault.ts';

const slowMbit = 1;
/** A machine that is busy with other things: it runs a tenth of the time. */
const stoppedMs = 900;
const runningMs = 100;

/** Agents that have everything, behind lines of 1 Mbit/s. */
export const slowPeers: Fault = {
  name: 'slow peers',
  machines: 2,
  async raise(stage) {
    await startFullPeers(stage);
    for (const machine of stage.machines) {
      stage.stack.use(await slowDown(stage.ground.site, machine, slowMbit));
    }
  },
};

/** Agents that have everything, on machines that hardly come to run them. */
export const overloadedPeers: Fault = {
  name: 'overloaded peers',
  machines: 2,
  async raise(stage) {
    for (const peer of await startFullPeers(stage)) {
      let next: NodeJS.Timeout;
      const stop = () => {
        peer.signal('SIGSTOP');
        next = setTimeout(go, stoppedMs);
      };
      const go = () => {
        peer.signal('SIGCONT');
        next = setTimeout(stop, runningMs);
      };
      stop();
      stage.stack.defer(() => {
        clearTimeout(next);
        peer.signal('SIGCONT');
      });
    }
  },
};

/** Members of the array at addresses where packets vanish. */
export const deadPeers: Fault = {
  name: 'dead peers',
  machines: 2,
  async raise(stage) {
    const { ground, machines } = stage;
    for (const { namespace, ...machine } of machines) {
      await join(stage, { namespace, ...machine });
      const table = `table ip dead { chain in { type filter hook input priority 0; drop; }; }`;
      await command('ip', 'netns', 'exec', namespace, 'nft', table);
      stage.stack.defer(async () => {
        await command('ip', 'netns', 'exec', namespace, 'nft', 'delete table ip dead');
      });
    }
    ground.signal.throwIfAborted();
  },
};

async function startFullPeers({ ground, machines, agent, stack }: Stage): Promise<LabProcess[]> {
  const { url, signal } = ground;
  return Promise.all(
    machines.map(async (machine) => {
      const peer = await startAgent({ ...agent, ...machine });
      stack.use(peer.process);
      const Output = path.join(machine.folder, 'output');
      await downloadThrough(peer, { Url: url, Output, Foreground: true }, signal);
      return peer.process;
    }),
  );
}

/** Joins the array from the machine's own address, as a peer that has everything. */
async function join({ ground, contentId, agent }: Stage, machine: LabDevice): Promise<void> {
  const { namespace, address, number } = machine;
  const request = {
    ContentId: contentId,
    AltCatalogId: ground.url,
    PeerId: `dead${number}`.padEnd(40, '0'),
    Port: '7680',
    ReportedIp: address,
    Scope: '1',
    Left: '0',
  };
  await command(
    ...(['ip', 'netns', 'exec', namespace, 'curl', '-sSf', '-o', '/dev/null'] as const),
    ...['-H', 'content-type: application/json', '-d', JSON.stringify(request)],
    `${agent.cloud}/array/join/`,
  );
}
