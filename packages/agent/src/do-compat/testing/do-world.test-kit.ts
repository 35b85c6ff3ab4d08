import { mkdir, writeFile } from 'node:fs/promises';
import type { Agent } from '../../agent.ts';
import { bytesOf, Device, mib } from '../../testing/device.test-kit.ts';
import { MisbehavingSource } from '../../testing/misbehaving-source.test-kit.ts';
import { type DoCompat, type DoCompatOptions, openDoCompat } from '../serve-do-compat.ts';
import { discoverPort, SdkClient } from './sdk-client.test-kit.ts';

export const content = bytesOf(3 * mib);

/** A source, a device whose agent serves Microsoft's REST interface, and a client of it. */
export interface DoWorld extends AsyncDisposable {
  source: MisbehavingSource;
  device: Device;
  agent: Agent;
  compat: DoCompat;
  client: SdkClient;
  port: number;
  /** Another client. */
  connect(localAddress?: string): Promise<SdkClient>;
}

/** @param config what the administrator's file says. */
export async function doWorld(
  options: Partial<DoCompatOptions> & { config?: object } = {},
): Promise<DoWorld> {
  const { config, ...more } = options;
  const stack = new AsyncDisposableStack();
  const source = stack.use(await MisbehavingSource.start(content));
  const device = stack.use(await Device.create());
  const configDir = device.path('data-etc');
  await mkdir(configDir);
  if (config) await writeFile(`${configDir}/admin-config.json`, JSON.stringify(config));
  const agent = stack.use(await device.agent());
  const runDir = device.path('data-run');
  const { clock } = device;
  const compat = stack.use(
    await openDoCompat({ runDir, configDir, clock, firstPort: 50_000, ...more }),
  );
  compat.serve(agent, device.path('data'));
  const port = discoverPort(runDir);
  const clients = stack.use(new AsyncDisposableStack());
  const connect = async (localAddress?: string) =>
    clients.use(await SdkClient.connect(port, localAddress));
  return {
    source,
    device,
    agent,
    compat,
    client: await connect(),
    port,
    connect,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Polls as the SDK does, only faster. @returns the status that `isIt`. */
export async function statusWhen(
  client: SdkClient,
  Id: string,
  isIt: (status: Record<string, string>) => boolean,
): Promise<Record<string, string>> {
  for (const startedAt = performance.now(); performance.now() - startedAt < 60_000; ) {
    const status = await client.ok('GET', 'getstatus', { Id });
    if (isIt(status)) return status;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`still ${JSON.stringify(await client.ok('GET', 'getstatus', { Id }))}`);
}

/** Creates a download of `url` and starts it. */
export async function started(client: SdkClient, url: string, path: string): Promise<string> {
  const { Id = '' } = await client.ok('POST', 'create', { Uri: url, DownloadFilePath: path });
  await client.ok('POST', 'start', { Id });
  return Id;
}
