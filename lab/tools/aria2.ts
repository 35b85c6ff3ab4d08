import { chmod, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { LabProcess } from '../process/lab-process.ts';
import { makeTorrent } from '../torrent/make-torrent.ts';
import { PeersThatStay } from './peers-that-stay.ts';
import type { Tool } from './tool.ts';

/** Longer than any run: who is done serves the others, as an agent does. */
const seedMinutes = '600';
const downloadMs = 3_600_000;

export const aria2: Tool = {
  name: 'aria2',
  summary: 'aria2, BitTorrent with the source as web seed and local peer discovery',
  needs: [{ package: 'aria2', check: ['aria2c', '--version'] }],
  async prepare({ file, url, folder, signal }) {
    const torrent = path.join(folder, 'content.torrent');
    await makeTorrent(torrent, file, url);
    // The hook has no say in what aria2 prints, but it has its standard output.
    const hook = path.join(folder, 'done');
    await writeFile(hook, '#!/bin/sh\necho lab-done\n');
    await chmod(hook, 0o700);
    const peers = new PeersThatStay();
    return {
      async download(device) {
        const aria2c = await LabProcess.start({
          namespace: device.namespace,
          command: 'aria2c',
          args: [
            ...['--no-conf', '--quiet', '--dir', device.folder, '--file-allocation=none'],
            ...['--enable-dht=false', '--bt-enable-lpd=true', '--bt-lpd-interface=eth0'],
            // Else it connects to no peer while the web seed is faster than 50 kB/s.
            '--bt-request-peer-speed-limit=1000M',
            ...[`--seed-time=${seedMinutes}`, '--seed-ratio=0', '--listen-port=6881'],
            ...[`--on-bt-download-complete=${hook}`, torrent],
          ],
        });
        peers.set(device, aria2c);
        await aria2c.line((line) => line === 'lab-done', { signal, limitMs: downloadMs });
        return { output: path.join(device.folder, file.name) };
      },
      usage: peers.usage,
      [Symbol.asyncDispose]: () => peers[Symbol.asyncDispose](),
    };
  },
};
