import path from 'node:path';
import { Command } from 'commander';
import { dataDirOption, jsonOption, listenOption } from '../options/common.ts';
import type { HostPort } from '../options/parse-host-port.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { logLevelOf } from '../process/log-level.ts';
import { examples } from './examples.ts';

interface Options {
  listen: HostPort & { port: number };
  dataDir?: string;
  json?: boolean;
}

export function cloudCommand(): Command {
  return new Command('cloud')
    .description('run the cloud: content policies, hash lists, who has what')
    .addOption(listenOption(8080))
    .addOption(
      dataDirOption('where the catalogue and the admin token are', 'cloud in the state folder'),
    )
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples(
        ['sluice cloud', 'for this machine, at http://127.0.0.1:8080'],
        ['sluice cloud --listen 0.0.0.0:8080 --data-dir /srv/sluice', 'for all machines'],
      ),
    )
    .action(cloud);
}

async function cloud(options: Options, command: Command): Promise<void> {
  const { runServer } = await import('../process/run-server.ts');
  await runServer(async () => {
    const { openLogger } = await import('../process/logger.ts');
    const { createCloud } = await import('@sluice/cloud');
    const server = await createCloud({
      dataDir: path.resolve(options.dataDir ?? defaultDataDir('cloud')),
      listen: options.listen,
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
