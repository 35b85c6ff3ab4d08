import path from 'node:path';
import type { PeerRestriction } from '@sluice/agent';
import { Command, Option } from 'commander';
import {
  cacheHostOption,
  cloudOption,
  dataDirOption,
  jsonOption,
  noLocalDiscoveryOption,
  peerPortOption,
  restrictPeersOption,
  setOption,
} from '../options/common.ts';
import {
  type LimitFlags,
  limitsOf,
  maxDownloadRateOption,
  maxUploadRateOption,
} from '../options/limits.ts';
import { settingsHelp } from '../options/settings-help.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { logLevelOf } from '../process/log-level.ts';
import { examples } from './examples.ts';

interface Options extends LimitFlags {
  dataDir?: string;
  cloud?: string;
  cacheHost?: string[];
  peerPort?: number;
  listenHost?: string;
  localDiscovery: boolean;
  restrictPeerSelectionBy?: PeerRestriction;
  set?: Record<string, string>;
  json?: boolean;
}

export function agentCommand(): Command {
  return new Command('agent')
    .description('run the device agent: downloads for local programs, uploads to peers')
    .addOption(dataDirOption('where downloads and the socket are', 'agent in the state folder'))
    .addOption(cloudOption())
    .addOption(cacheHostOption())
    .addOption(peerPortOption())
    .addOption(noLocalDiscoveryOption())
    .addOption(restrictPeersOption())
    .addOption(setOption())
    .addOption(new Option('--listen-host <address>', 'address to take peers on (default: all)'))
    .addOption(maxDownloadRateOption())
    .addOption(maxUploadRateOption())
    .addOption(jsonOption())
    .addHelpText('after', settingsHelp)
    .addHelpText(
      'after',
      examples(
        [
          'sluice agent --cloud https://sluice.example.com --cache-host cache.local',
          'from now on `sluice get` on this machine works through it',
        ],
        [
          'sluice agent --set DOMinFileSizeToCache=1 --set DODelayBackgroundDownloadFromHttp=60',
          'for a large fleet: small files from peers, too, and a minute for peers before HTTP',
        ],
      ),
    )
    .action(agent);
}

/** What `sluice log` shows. @throws DiskUnwritable */
async function openLogFile(dataDir: string) {
  const { LogFile } = await import('../process/log-file.ts');
  return new LogFile(dataDir);
}

async function agent(options: Options, command: Command): Promise<void> {
  const { runServer } = await import('../process/run-server.ts');
  await runServer(async () => {
    const { openLogger } = await import('../process/logger.ts');
    const { createAgent, serveLocalApi, SystemDhcp, SystemGroupFacts, systemPolicyPlaces } =
      await import('@sluice/agent');
    const dataDir = path.resolve(options.dataDir ?? defaultDataDir('agent'));
    const device = await createAgent({
      dataDir,
      persistent: true,
      ...(options.cloud !== undefined && { cloudUrl: options.cloud }),
      ...(options.cacheHost && { cacheHosts: options.cacheHost }),
      ...(options.peerPort !== undefined && { peerPort: options.peerPort }),
      ...(options.listenHost !== undefined && { listenHost: options.listenHost }),
      settings: { ...options.set, ...limitsOf(options) },
      policies: systemPolicyPlaces(),
      dhcp: new SystemDhcp(),
      groupFacts: new SystemGroupFacts(),
      localDiscovery: options.localDiscovery,
      restrictPeerSelectionBy: options.restrictPeerSelectionBy,
      logger: openLogger(logLevelOf(command, 'info'), await openLogFile(dataDir)),
    });
    const api = await serveLocalApi(device, { dataDir }).catch(async (error: unknown) => {
      await device.close();
      throw error;
    });
    void device.prepare();
    return {
      ready: {
        line: `sluice agent ready at ${api.address}, peers at port ${device.peerPort}`,
        json: {
          Ready: 'agent',
          Address: api.address,
          PeerPort: device.peerPort,
          PeerId: device.peerId,
        },
      },
      async reload() {
        await device.settings.reload();
      },
      async close() {
        await api.close();
        await device.close();
      },
    };
  }, options);
}
