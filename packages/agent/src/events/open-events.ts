import { join } from 'node:path';
import { DownloadModes } from '@sluice/protocol';
import type { AgentOptions } from '../agent-options.ts';
import type { Parts } from '../agent-parts.ts';
import { deviceIdentity } from '../identity/device-identity.ts';
import type { CloudClient } from '../services/cloud-client.ts';
import { allowsAnyone } from '../swarm/upload-permit.ts';
import { deviceProfile } from './device-profile.ts';
import { EventBook } from './event-book.ts';
import { EventSender, Later } from './event-sender.ts';
import { EventSpool } from './spool.ts';

/** While the mode leaves no services, they are not asked whether they want events, ms. */
const simpleMs = 3_600_000;

/** The events of an agent. @throws Disk errors: there is no device id, and none can be made. */
export async function openEvents(
  options: AgentOptions,
  parts: Parts,
  of: { cloud: CloudClient; group: () => Promise<string | undefined> },
): Promise<EventBook> {
  const { eventsHome, random = Math.random } = options;
  const { clock, today, logger, settings, host, store, uploads, peerId } = parts;
  const now = () => today().getTime();
  const home = eventsHome ?? options.dataDir;
  const isOwner = eventsHome === undefined;
  const spool = new EventSpool({ folder: join(home, 'events'), isOwner, now, logger });
  const sender = new EventSender({
    spool,
    send: async (batch, signal) => {
      const { SluiceEvents, DODownloadMode } = settings.current;
      if (SluiceEvents === 0) return undefined;
      if (DODownloadMode === DownloadModes.Simple) throw new Later('simple mode', simpleMs);
      return of.cloud.sendEvents(batch, signal);
    },
    deviceId: isOwner ? peerId : await deviceIdentity(home),
    ...{ clock, now, random, logger },
  });
  return new EventBook({
    spool,
    sender,
    resolved: () => settings.resolved,
    watch: (fn) => settings.watch(fn),
    host: () => host.last,
    group: of.group,
    cache: async () => {
      const entries = await store.survey();
      return { bytes: entries.reduce((sum, e) => sum + e.bytes, 0), files: entries.length };
    },
    mayUpload: () => allowsAnyone(uploads),
    profile: await deviceProfile(),
    ...{ peerId, clock, now, logger },
  });
}
