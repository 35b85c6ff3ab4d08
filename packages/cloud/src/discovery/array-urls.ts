import type { FastifyRequest } from 'fastify';
import type { ServiceUrls } from '../services/service-urls.ts';
import type { ArrayInstances } from './array-instances.ts';
import { instancesFor } from './rendezvous.ts';

/** Instances that a device is told: the best, and those to go to when it is gone. */
const maxTold = 3;

export interface ArrayParts {
  serviceUrls: ServiceUrls;
  /** Base URLs, without a slash at the end. */
  arrayInstances: readonly string[];
  instances: ArrayInstances;
}

/**
 * The base URLs of the array instances for a content, each ending in a slash, the best first. All devices of a content
 * (and group, if they name one) come to the same one, as long as there are the same instances: those that were given,
 * else those that have registered in the database, else the one array of this cloud.
 * @param content its id, or its URL where it has none.
 * @throws when the database cannot be asked.
 */
export async function arrayUrlsOf(
  content: string,
  groupId: string,
  request: FastifyRequest,
  { serviceUrls, arrayInstances, instances }: ArrayParts,
): Promise<string[]> {
  const all = arrayInstances.length > 0 ? arrayInstances : await instances.live();
  const key = JSON.stringify([content, groupId.toLowerCase()]);
  const found = instancesFor(key, all).slice(0, maxTold);
  const urls = found.length > 0 ? found : [serviceUrls.of('array', request)];
  return urls.map((url) => `${url}/array/`);
}
