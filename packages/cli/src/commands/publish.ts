import { Command, Option } from 'commander';
import { cloudOption, jsonOption, quietOption, tokenFileOption } from '../options/common.ts';
import { tenantOption } from '../options/tenant.ts';
import { contentIdValue, etagValue, integerValue, pathValue, urlValue } from '../options/values.ts';
import { print, printJson } from '../terminal/print.ts';
import { examples } from './examples.ts';

interface Options {
  url: string[];
  cloud: string;
  contentId?: string;
  etag?: string;
  signKey?: string;
  validDays: number;
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
    .addOption(
      new Option(
        '--etag <etag>',
        'the ETag that the server sends with these bytes: the cloud never takes others for them',
      ).argParser(etagValue),
    )
    .addOption(
      new Option('--sign-key <file>', 'vouch for it by this key, see `sluice keys`').argParser(
        pathValue,
      ),
    )
    .addOption(
      new Option('--valid-days <days>', 'how long the signature is valid')
        .default(365)
        .argParser(integerValue(1, 36_500)),
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
  const { contentIdOf, formatPiecesHashFile } = await import('@sluice/protocol');
  const { listenForStop } = await import('../process/stop-signal.ts');
  const { withHashingProgress } = await import('../terminal/hashing-progress.ts');
  const { readSignKey } = await import('../keys/key-files.ts');
  const { signPublication } = await import('../keys/sign-publication.ts');
  const signKey = options.signKey === undefined ? undefined : await readSignKey(options.signKey);
  const token = await findAdminToken(options.cloud, options.tokenFile);
  const { createPiecesHashFile } = await import('@sluice/agent');
  using stop = listenForStop();
  const wanted = !options.json && !options.quiet;
  const phf = await withHashingProgress({ wanted }, (onProgress) =>
    createPiecesHashFile(file, { onProgress, signal: stop.signal }),
  );
  const contentId = options.contentId ?? contentIdOf(phf.hashOfHashes);
  const reply = await postContent(
    options.cloud,
    token,
    {
      ...(options.contentId !== undefined && { ContentId: options.contentId }),
      ...(options.etag !== undefined && { ETag: options.etag }),
      ...(signKey && { Signature: signPublication(contentId, phf, signKey, options.validDays) }),
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
