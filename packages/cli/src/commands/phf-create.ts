import type { maxPieceSize, minPieceSize } from '@sluice/protocol';
import { Command, Option } from 'commander';
import { jsonOption, quietOption } from '../options/common.ts';
import { pathValue, sizeValue } from '../options/values.ts';
import type { CreatePhfOptions } from '../phf/create-phf.ts';
import { examples } from './examples.ts';

/** Those of the protocol package; the types hold them to it without loading it. */
const pieceSizes = {
  min: 16_384 satisfies typeof minPieceSize,
  max: 67_108_864 satisfies typeof maxPieceSize,
};

export function phfCreateCommand(): Command {
  return new Command('create')
    .description('hash a file in pieces and write its PHF')
    .argument('<file>', 'the file to hash', pathValue)
    .addOption(
      new Option(
        '-o, --output <file>',
        'where the PHF goes, - = standard output (default: FILE.phf)',
      ).argParser(pathValue),
    )
    .addOption(
      new Option('--piece-size <size>', 'bytes per piece (default: 1MiB)').argParser(
        sizeValue(pieceSizes.min, pieceSizes.max, 'from 16KiB to 64MiB'),
      ),
    )
    .addOption(jsonOption())
    .addOption(quietOption())
    .addHelpText(
      'after',
      examples(
        ['sluice phf create debian.iso -o debian.iso.phf', 'prints HashOfHashes and ContentId'],
        ['sluice phf create debian.iso -o - | gzip > debian.phf.gz', 'PHF to standard output'],
      ),
    )
    .action(async (file: string, options: CreatePhfOptions) => {
      const { createPhf } = await import('../phf/create-phf.ts');
      await createPhf(file, options);
    });
}
