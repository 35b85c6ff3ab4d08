import { Command, Option } from 'commander';
import { cloudOption, jsonOption, quietOption, tokenFileOption } from '../options/common.ts';
import { tenantOption } from '../options/tenant.ts';
import { contentIdValue, pathValue, urlValue } from '../options/values.ts';
import { print, printJson } from '../terminal/print.ts';
import { examples } from './examples.ts';

interface Options {
  url: string[];
  cloud: string;
  contentId?: string;
  tenant?: string;
  tokenFile?: string;
  json?: boolean;
  quiet?: boolean;
}

export function publishCommand(): Command {
  return new Command('publish')
    .description('hash a file and make it known to the cloud')
    .argument('<file>', 'the file, as the URL serves it', pathValue)
    .addOption(
      new Option('--url <url>', 'where devices download it; may be repeated')
        .argParser((text, previous: string[] | undefined) => [...(previous ?? []), urlValue(text)])
        .makeOptionMandatory(),
    )
    .addOption(cloudOption().makeOptionMandatory())
    .addOption(
      new Option('--content-id <id>', 'a name of yours (default: from the hash)').argParser(
        contentIdValue,
      ),
    )
    .addOption(tenantOption('only for the devices of this tenant (default: for all)'))
    .addOption(tokenFileOption())
    .addOption(jsonOption())
    .addOption(quietOption())
    .addHelpText(
      'after',
      examples([
        'sluice publish debian.iso --url https://cdn.example.com/debian.iso --cloud http://127.0.0.1:8080',
        'prints ContentId and HashOfHashes',
      ]),
    )
    .action(publish);
}

async function publish(file: string, options: Options): Promise<void> {
  const { findAdminToken } = await import('../publish/admin-token.ts');
  const { postContent } = await import('../publish/post-content.ts');
  const { formatPiecesHashFile } = await import('@sluice/protocol');
  const { listenForStop } = await import('../process/stop-signal.ts');
  const { withHashingProgress } = await import('../terminal/hashing-progress.ts');
  const token = await findAdminToken(options.cloud, options.tokenFile);
  const { createPiecesHashFile } = await import('@sluice/agent');
  using stop = listenForStop();
  const wanted = !options.json && !options.quiet;
  const phf = await withHashingProgress({ wanted }, (onProgress) =>
    createPiecesHashFile(file, { onProgress, signal: stop.signal }),
  );
  const reply = await postContent(
    options.cloud,
    token,
    {
      ...(options.contentId !== undefined && { ContentId: options.contentId }),
      ...(options.tenant !== undefined && { Tenant: options.tenant }),
      Urls: options.url,
      Phf: JSON.parse(formatPiecesHashFile(phf)),
    },
    stop.signal,
  );
  if (options.json) printJson({ ...reply, ContentLength: phf.contentLength });
  else {
    print(`ContentId     ${reply.ContentId}\nHashOfHashes  ${reply.HashOfHashes}`);
    for (const { Url, FromContentId } of reply.MovedUrls) {
      process.stderr.write(`sluice: note: ${Url} was that of ${FromContentId} until now\n`);
    }
  }
}
