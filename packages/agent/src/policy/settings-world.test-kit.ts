import type { DownloadRequest } from '@sluice/protocol';
import type { GivenSettings } from '@sluice/protocol/policy';
import type { Agent } from '../agent.ts';
import type { AgentOptions } from '../agent-options.ts';
import { CountingClock } from '../testing/counting-clock.test-kit.ts';
import { bytesOf, Device, mib, phfOf } from '../testing/device.test-kit.ts';
import { FakeCloud } from '../testing/fake-cloud.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { miserlyPeer } from '../testing/miserly-peer.test-kit.ts';

/** The content of these worlds. */
export const bytes = bytesOf(3 * mib + 5);
/** Small pieces: what HTTP has begun, at a trickle, is little. */
const phf = phfOf(bytes, 65_536);

/** A cloud, a source, a peer that serves nobody, and a device. @param speed of the clock. */
export async function settingsWorld(speed = 1) {
  const stack = new AsyncDisposableStack();
  const cloud = stack.use(await FakeCloud.start());
  const source = stack.use(await MisbehavingSource.start(bytes));
  const peer = stack.use(await miserlyPeer(phf, bytes.length));
  const device = stack.use(await Device.create(new CountingClock(speed)));
  cloud.publish(source.url(), phf);
  const begin = async (options: Partial<AgentOptions>, request: Partial<DownloadRequest> = {}) => {
    const agent = await device.agent({ cloudUrl: cloud.url, ...options });
    const Output = device.path('out');
    const download = await agent.download({ Url: source.url(), Output, ...request });
    return { agent, download };
  };
  /** Another device, which has the content and gives it. */
  const seed = async () => {
    const dataDir = device.path('data-seed');
    const agent = await device.agent({ dataDir, cloudUrl: cloud.url });
    const Output = device.path('seed');
    await (await agent.download({ Url: source.url(), Output })).finished;
    return agent;
  };
  return {
    ...{ cloud, source, peer, device, begin, seed },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export type SettingsWorld = Awaited<ReturnType<typeof settingsWorld>>;

/** The admin has set these, and nothing else. */
export function set(agent: Agent, values: GivenSettings): Promise<void> {
  return agent.settings.change({ provider: 'Admin', values, isWhole: true });
}
