import type { ServerResponse } from 'node:http';
import { FakeCloud } from './fake-cloud.test-kit.ts';

/** A cloud that holds its answer to where the path leads back until it is told. */
export async function slowCloud(path: RegExp) {
  const cloud = await FakeCloud.start();
  const held = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  cloud.intercept = (asked, response: ServerResponse) => {
    if (!path.test(asked)) return false;
    held.resolve();
    const end = response.end.bind(response) as (...args: unknown[]) => ServerResponse;
    response.end = ((...args: unknown[]) => {
      release.promise.then(() => end(...args));
      return response;
    }) as typeof response.end;
    return false;
  };
  return { cloud, held: held.promise, release: release.resolve };
}
