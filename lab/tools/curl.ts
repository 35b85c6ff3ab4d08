import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { LabProcess } from '../process/lab-process.ts';
import { parseTime } from '../process/usage.ts';
import type { LabDevice, ReadyTool, Requirement, Tool } from './tool.ts';

export const curlNeeds: readonly Requirement[] = [
  { package: 'curl', check: ['curl', '--version'] },
  { package: 'time', check: ['/usr/bin/time', '--version'] },
];

export const curl: Tool = {
  name: 'curl',
  summary: 'curl on every device, straight from the source',
  needs: curlNeeds,
  prepare: async ({ url, signal }) => curlFrom(signal, url),
};

/** curl on every device, with the arguments that say from where. */
export function curlFrom(signal: AbortSignal, ...from: string[]): ReadyTool {
  const timeFile = (device: LabDevice) => path.join(device.folder, 'time');
  return {
    async download(device) {
      const output = path.join(device.folder, 'output');
      await using process = await LabProcess.start({
        namespace: device.namespace,
        // It ends before anybody could read its /proc.
        command: '/usr/bin/time',
        args: ['-f', '%U %S %M', '-o', timeFile(device), 'curl', '-sSf', '-o', output, ...from],
      });
      await process.succeeded(signal);
      return { output };
    },
    usage: async (device) => parseTime(await readFile(timeFile(device), 'utf8')),
    [Symbol.asyncDispose]: async () => {},
  };
}
