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
import { proxyOptions } from '../options/http.ts';
import {
  type LimitFlags,
  limitsOf,
  maxDownloadRateOption,
  maxUploadRateOption,
} from '../options/limits.ts';
import { settingsHelp } from '../options/settings-help.ts';
import { integerValue } from '../options/values.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { logLevelOf } from '../process/log-level.ts';
import { examples } from './examples.ts';

interface Options extends LimitFlags {
  dataDir?: string;
  cloud?: string;
  cacheHost?: string[];
  proxy?: string;
  proxyUser?: string;
  maxConnectionsPerHost?: number;
  peerPort?: number;
  listenHost?: string;
  localDiscovery: boolean;
  restrictPeerSelectionBy: PeerRestriction;
  set?: Record<string, string>;
  json?: boolean;
}

export function agentCommand(): Command {
  const [proxyOption, proxyUserOption] = proxyOptions() as [Option, Option];
  return new Command('agent')
    .description('run the device agent: downloads for local programs, uploads to peers')
    .addOption(dataDirOption('where downloads and the socket are', 'agent in the state folder'))
    .addOption(cloudOption())
    .addOption(cacheHostOption())
    .addOption(proxyOption)
    .addOption(proxyUserOption)
    .addOption(
      new Option(
        '--max-connections-per-host <n>',
        'HTTP connections to one host at a time (default: 16)',
      ).argParser(integerValue(1, 1000)),
    )
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

async function agent(options: Options, command: Command): Promise<void> {
  const { runServer } = await import('../process/run-server.ts');
  await runServer(async () => {
    const { openLogger } = await import('../process/logger.ts');
    const { createAgent, serveLocalApi } = await import('@sluice/agent');
    const dataDir = path.resolve(options.dataDir ?? defaultDataDir('agent'));
    const device = await createAgent({
      dataDir,
      persistent: true,
      ...(options.cloud !== undefined && { cloudUrl: options.cloud }),
      ...(options.cacheHost && { cacheHosts: options.cacheHost }),
      env: process.env,
      proxy: options.proxy,
      proxyUser: options.proxyUser,
      maxConnectionsPerHost: options.maxConnectionsPerHost,
      ...(options.peerPort !== undefined && { peerPort: options.peerPort }),
      ...(options.listenHost !== undefined && { listenHost: options.listenHost }),
      ...(options.set && { settings: options.set }),
      localDiscovery: options.localDiscovery,
      restrictPeerSelectionBy: options.restrictPeerSelectionBy,
      limits: limitsOf(options),
      logger: openLogger(logLevelOf(command, 'info')),
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
      async close() {
        await api.close();
        await device.close();
      },
    };
  }, options);
}
