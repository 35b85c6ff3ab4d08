import { Command, Option } from 'commander';
import type { GetOptions } from '../get/get-options.ts';
import {
  cacheHostOption,
  cloudOption,
  dataDirOption,
  jsonOption,
  noLocalDiscoveryOption,
  peerPortOption,
  quietOption,
  restrictPeersOption,
  setOption,
} from '../options/common.ts';
import { httpOptions } from '../options/http.ts';
import { maxDownloadRateOption, maxUploadRateOption } from '../options/limits.ts';
import { settingsHelp } from '../options/settings-help.ts';
import { trustOptions } from '../options/signing.ts';
import {
  contentIdValue,
  contentTypeValue,
  guidValue,
  hashOfHashesValue,
  integerValue,
  pathValue,
  sha256Value,
  urlValue,
} from '../options/values.ts';
import { logLevelOf } from '../process/log-level.ts';
import { examples } from './examples.ts';

const weekInSeconds = 7 * 86_400;

export function getCommand(): Command {
  const command = new Command('get')
    .description('download a file from peers, a cache node and HTTP at once')
    .argument('<url>', 'the file, http:// or https://', urlValue);
  addTargetFlags(command);
  addTrustFlags(command);
  for (const option of httpOptions()) command.addOption(option);
  addPeerFlags(command);
  return command
    .addOption(jsonOption())
    .addOption(quietOption())
    .addOption(new Option('--explain', 'at the end tell why the bytes came from where they came'))
    .addHelpText('after', settingsHelp)
    .addHelpText('after', exampleText())
    .action(async (url: string, options: GetOptions) => {
      const { get } = await import('../get/get.ts');
      await get(url, { ...options, logLevel: logLevelOf(command, 'silent') });
    });
}

function addTargetFlags(command: Command): void {
  command
    .addOption(
      new Option(
        '-o, --output <file>',
        'where the file goes, DIR/ for a folder; replaced if there (default: name from the URL)',
      ).argParser(pathValue),
    )
    .addOption(cloudOption())
    .addOption(cacheHostOption());
}

function addTrustFlags(command: Command): void {
  command
    .addOption(
      new Option(
        '--hash-of-hashes <base64>',
        'HashOfHashes to trust in place of the cloud',
      ).argParser(hashOfHashesValue),
    )
    .addOption(new Option('--phf <url>', 'where the pieces hash file is').argParser(urlValue))
    .addOption(
      new Option('--content-id <id>', 'content id to ask the cloud for').argParser(contentIdValue),
    )
    .addOption(
      new Option(
        '--content-type <name>',
        'what reports count it as, such as Apps (default: Other)',
      ).argParser(contentTypeValue),
    )
    .addOption(
      new Option('--sha256 <hex>', 'SHA-256 that the whole file must have').argParser(sha256Value),
    );
  for (const option of trustOptions()) command.addOption(option);
}

function addPeerFlags(command: Command): void {
  command
    .addOption(
      new Option(
        '--mode <mode>',
        'download mode: 0 no peers, 1 LAN, 2 group, 3 internet, 99 HTTP only',
      ).choices(['0', '1', '2', '3', '99']),
    )
    .addOption(
      new Option('--group-id <guid>', 'the group of peers, for mode 2').argParser(guidValue),
    )
    .addOption(new Option('--foreground', 'somebody waits for it: do not go easy on the link'))
    .addOption(dataDirOption('where unfinished downloads are', '.sluice-partial beside the file'))
    .addOption(peerPortOption())
    .addOption(noLocalDiscoveryOption())
    .addOption(restrictPeersOption())
    .addOption(setOption())
    .addOption(maxDownloadRateOption())
    .addOption(maxUploadRateOption())
    .addOption(
      new Option('--seed-for <seconds>', 'keep serving peers this long afterwards').argParser(
        integerValue(0, weekInSeconds),
      ),
    );
}

function exampleText(): string {
  return examples(
    ['sluice get https://cdn.example.com/debian.iso', 'to debian.iso in the current folder'],
    [
      'sluice get https://cdn.example.com/debian.iso -o /srv/iso/ --cloud http://sluice:8080',
      'verified, from peers too; Ctrl-C and the same command again goes on where it stopped',
    ],
    [
      'sluice get https://files.example.com/a.iso --mirror https://eu.example.com/a.iso --user me:word',
      'from a mirror at the same time; the credentials go to files.example.com only',
    ],
    [
      'sluice get http://10.0.0.5/app.msi --cache-host cache.local --seed-for 600 --json',
      'for scripts: one JSON object at the end; serves peers for ten minutes more',
    ],
  );
}
