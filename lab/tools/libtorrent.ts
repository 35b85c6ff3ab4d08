import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { wanAddress } from '../network/site.ts';
import { LabProcess } from '../process/lab-process.ts';
import { makeTorrent } from '../torrent/make-torrent.ts';
import { PeersThatStay } from './peers-that-stay.ts';
import type { Ground, Tool } from './tool.ts';

const client = fileURLToPath(new URL('libtorrent_client.py', import.meta.url));
const python = '/usr/bin/python3';
const downloadMs = 3_600_000;

type Origin = 'webseed' | 'seed' | 'superseed';

export const libtorrents: readonly Tool[] = [
  libtorrent('webseed', 'libtorrent, the source as web seed'),
  libtorrent('seed', 'libtorrent, a seed behind the WAN link'),
  libtorrent('superseed', 'libtorrent, a seed in super-seeding mode behind the WAN link'),
];

function libtorrent(origin: Origin, summary: string): Tool {
  return {
    name: `libtorrent-${origin}`,
    summary,
    needs: [{ package: 'python3-libtorrent', check: [python, '-c', 'import libtorrent'] }],
    prepare: (ground) => prepare(ground, origin),
  };
}

async function prepare(ground: Ground, origin: Origin) {
  const { file, url, signal, network } = ground;
  const torrent = path.join(ground.folder, 'content.torrent');
  await makeTorrent(torrent, file, origin === 'webseed' ? url : undefined);
  await using stack = new AsyncDisposableStack();
  const peers = stack.use(new PeersThatStay());
  if (origin !== 'webseed') {
    const seed = stack.use(await startClient(network.servers));
    const task = { torrent, folder: path.dirname(file.path), seed: true, peers: [] };
    tell(seed, { ...task, superSeed: origin === 'superseed' });
    await seed.line((line) => line.startsWith('{"done"'), { signal });
  }
  // It takes a tenth of a second to load; the devices start at the same moment with that behind them.
  await Promise.all(
    ground.devices.map(async (device) => peers.set(device, await startClient(device.namespace))),
  );
  const all = stack.move();
  const task = { torrent, seed: false, superSeed: false };
  return {
    async download(device: Ground['devices'][number]) {
      const process = peers.get(device);
      const others = ground.devices.filter((other) => other !== device).map((o) => o.address);
      const connect = origin === 'webseed' ? others : [wanAddress, ...others];
      tell(process, { ...task, folder: device.folder, peers: connect });
      const line = await process.line((text) => text.startsWith('{"done"'), {
        signal,
        limitMs: downloadMs,
      });
      const { twice } = JSON.parse(line) as { twice: number };
      return { output: path.join(device.folder, file.name), duplicateBytes: twice };
    },
    usage: peers.usage,
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function startClient(namespace: string): Promise<LabProcess> {
  const process = await LabProcess.start({ namespace, command: python, args: [client] });
  await process.line((line) => line === 'ready');
  return process;
}

function tell(process: LabProcess, task: object): void {
  process.write(`${JSON.stringify(task)}\n`);
}
