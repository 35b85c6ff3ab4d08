import { type ErrorCode, sluiceError } from '@sluice/protocol';
import { JsonClient, type JsonReply } from '../services/json-client.ts';
import type { Routes } from '../source/proxy/index.ts';

const schemas = () => import('@sluice/protocol/schemas');
const service = 'the cloud';
/** What clouds say of devices, told as it is. */
const told: ReadonlySet<string> = new Set<ErrorCode>([
  'SessionRequired',
  'EnrolmentRefused',
  'DeviceRefused',
  'ClockSkewed',
  'RequestReplayed',
  'PeerIdTaken',
  'TooManyRequests',
]);

/** How a cloud is reached and known again. */
export interface CloudAccess {
  url: string;
  /** PEM of the only authority that is believed; null: those that this system trusts. */
  ca: string | null;
  routes?: Routes | undefined;
}

/** Asks `path` of the cloud, over a connection of its own. @throws ServiceUnreachable, ServiceInvalidReply, ServiceRefused */
export async function askIdentity(
  { url, ca, routes }: CloudAccess,
  path: string,
  body: object | undefined,
  signal: AbortSignal,
): Promise<unknown> {
  const http = new JsonClient(routes, ca === null ? {} : { ca });
  try {
    const reply = await http.ask(service, `${url}${path}`, { signal, body });
    return await acceptedBody(service, reply);
  } finally {
    await http.close();
  }
}

/** The body of a 2xx. @throws ServiceRefused, with what the cloud says and what can be done */
export async function acceptedBody(name: string, { status, json }: JsonReply): Promise<unknown> {
  if (status >= 200 && status <= 299) return json;
  throw sluiceError('ServiceRefused', { service: name, status, ...(await reasonOf(json)) });
}

/** Whatever else a server answers is not shown: it may be of anybody. */
async function reasonOf(
  json: unknown,
): Promise<{ detail: string; remedy?: string; code?: string }> {
  const { parseErrorReply } = await schemas();
  try {
    const { Code, Message, Remedy } = parseErrorReply(json);
    if (told.has(Code)) return { detail: Message, remedy: Remedy, code: Code };
  } catch {
    // It is none of ours.
  }
  return { detail: '' };
}
