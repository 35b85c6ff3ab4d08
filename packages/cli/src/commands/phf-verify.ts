import { Command, Option } from 'commander';
import { jsonOption, quietOption } from '../options/common.ts';
import { hashOfHashesValue, pathValue } from '../options/values.ts';
import type { VerifyPhfOptions } from '../phf/verify-phf.ts';
import { examples } from './examples.ts';

export function phfVerifyCommand(): Command {
  return new Command('verify')
    .description('check a file piece by piece against its PHF')
    .argument('<file>', 'the file to check', pathValue)
    .argument('<phf>', 'its pieces hash file', pathValue)
    .addOption(
      new Option(
        '--hash-of-hashes <base64>',
        'the HashOfHashes to trust (default: the one that the PHF states)',
      ).argParser(hashOfHashesValue),
    )
    .addOption(jsonOption())
    .addOption(quietOption())
    .addHelpText(
      'after',
      examples([
        'sluice phf verify debian.iso debian.iso.phf',
        'prints the bad ranges and ends with exit code 5 when they differ',
      ]),
    )
    .action(async (file: string, phfFile: string, options: VerifyPhfOptions) => {
      const { verifyPhf } = await import('../phf/verify-phf.ts');
      await verifyPhf(file, phfFile, options);
    });
}
