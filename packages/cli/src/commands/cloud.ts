import path from 'node:path';
import { Command, Option } from 'commander';
import { dataDirOption, jsonOption, listenOption } from '../options/common.ts';
import { type OidcFlags, oidcOptions } from '../options/oidc.ts';
import type { HostPort } from '../options/parse-host-port.ts';
import { cidrListValue, pathValue } from '../options/values.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { logLevelOf } from '../process/log-level.ts';
import { cloudAccessCommands } from './cloud-access.ts';
import { examples } from './examples.ts';

interface Options extends OidcFlags {
  listen: HostPort & { port: number };
  dataDir?: string;
  adminTokenFile?: string;
  database?: string;
  swarmStore?: string;
  trustedProxy?: string[];
  json?: boolean;
}

export function cloudCommand(): Command {
  const command = new Command('cloud')
    .description('run the cloud: content policies, hash lists, who has what')
    .addOption(listenOption(8080))
    .addOption(
      dataDirOption('where the catalogue and the admin token are', 'cloud in the state folder'),
    )
    .addOption(
      new Option(
        '--admin-token-file <file>',
        'where the admin token is, or is put (default: admin-token in the data directory)',
      ).argParser(pathValue),
    )
    .addOption(
      new Option(
        '--database <url>',
        'postgres://… for the catalogue and the settings, shared with other clouds (default: a file)',
      ).env('SLUICE_DATABASE'),
    )
    .addOption(
      new Option(
        '--swarm-store <url>',
        'redis://… or rediss://… for who has what, shared with other clouds; ?cluster for a cluster (default: memory)',
      ).env('SLUICE_SWARM_STORE'),
    )
    .addOption(
      new Option(
        '--trusted-proxy <cidr>',
        'a proxy in front, whose X-Forwarded headers are believed; may be repeated',
      ).argParser(cidrListValue),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice cloud', 'for this machine, at http://127.0.0.1:8080'],
        ['sluice cloud --listen 0.0.0.0:8080 --data-dir /srv/sluice', 'for all machines'],
        [
          'SLUICE_DATABASE=postgres://sluice:…@db/sluice SLUICE_SWARM_STORE=redis://:…@valkey sluice cloud --trusted-proxy 10.0.0.5',
          'one of several, behind a load balancer; passwords are not for the command line',
        ],
      ),
    )
    .action(cloud)
    // Behind `user`, `token` and the like a flag is theirs.
    .enablePositionalOptions();
  for (const option of oidcOptions()) command.addOption(option);
  for (const child of cloudAccessCommands()) command.addCommand(child);
  return command;
}

async function cloud(options: Options, command: Command): Promise<void> {
  const { runServer } = await import('../process/run-server.ts');
  const { oidcOf } = await import('../cloud-access/oidc-of.ts');
  const oidc = await oidcOf(options);
  await runServer(async () => {
    const { openLogger } = await import('../process/logger.ts');
    const { createCloud } = await import('@sluice/cloud');
    const server = await createCloud({
      dataDir: path.resolve(options.dataDir ?? defaultDataDir('cloud')),
      listen: options.listen,
      ...(options.database !== undefined && { database: options.database }),
      ...(options.swarmStore !== undefined && { swarmStore: options.swarmStore }),
      trustedProxies: options.trustedProxy ?? [],
      ...(options.adminTokenFile !== undefined && { adminTokenFile: options.adminTokenFile }),
      ...(oidc && { oidc }),
      logger: openLogger(logLevelOf(command, 'info')),
    });
    return {
      ready: {
        line: `sluice cloud ready at ${server.url}`,
        json: { Ready: 'cloud', Url: server.url, AdminTokenFile: server.adminTokenFile },
      },
      close: () => server.close(),
    };
  }, options);
}
