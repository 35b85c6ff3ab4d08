import assert from 'node:assert/strict';
import { request } from 'node:http';
import type { JobStatus } from '@sluice/protocol';
import { openJobs } from '../jobs/open-jobs.ts';
import { bytesOf, Device, mib } from '../testing/device.test-kit.ts';
import { MisbehavingSource } from '../testing/misbehaving-source.test-kit.ts';
import { connectLocalApi, type LocalApiClient } from './client.ts';
import { serveLocalApi } from './server.ts';

export const bytes = bytesOf(3 * mib);

export interface World extends AsyncDisposable {
  source: MisbehavingSource;
  device: Device;
  client: LocalApiClient;
  address: string;
}

/** The agent, its jobs and its API; `data` lasts over several of them. */
export async function life(device: Device, source: MisbehavingSource): Promise<World> {
  const stack = new AsyncDisposableStack();
  const agent = stack.use(await device.agent({ persistent: true }));
  const dataDir = device.path('data');
  const { clock } = device;
  const jobs = stack.use(await openJobs(agent, dataDir, { clock, hasNetwork: () => true }));
  const { address } = stack.use(await serveLocalApi(agent, { dataDir, jobs }));
  const client = await connectLocalApi(dataDir);
  assert.ok(client);
  stack.use(client);
  return { source, device, client, address, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

export async function world(): Promise<World> {
  const stack = new AsyncDisposableStack();
  const source = stack.use(await MisbehavingSource.start(bytes));
  const device = stack.use(await Device.create());
  const first = stack.use(await life(device, source));
  return { ...first, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

export async function until(
  { client }: Pick<World, 'client'>,
  id: string,
  isIt: (status: JobStatus) => boolean,
): Promise<JobStatus> {
  const limit = AbortSignal.timeout(20_000);
  for await (const status of client.jobs.follow(id, limit)) if (isIt(status)) return status;
  throw new Error('the job ended before that');
}

export const is = (state: string) => (s: JobStatus) => s.State === state;
/** A raw question, for the body as it comes. */
export function ask(address: string, method: string, path: string, body?: object) {
  return new Promise<{ status: number; json: Record<string, unknown> }>((resolve, reject) => {
    const headers = body ? { 'content-type': 'application/json' } : {};
    const asked = request({ socketPath: address, method, path, headers }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (data) => {
        text += data;
      });
      answer.on('end', () => resolve({ status: answer.statusCode!, json: JSON.parse(text) }));
    });
    asked.on('error', reject);
    asked.end(body && JSON.stringify(body));
  });
}
