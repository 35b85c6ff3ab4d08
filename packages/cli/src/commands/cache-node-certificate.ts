import { Argument, Command, Option } from 'commander';
import type { CsrFlags } from '../cache-node/certificate.ts';
import { jsonOption } from '../options/common.ts';
import { pathValue } from '../options/values.ts';
import { defaultDataDir } from '../paths/data-dir.ts';
import { examples } from './examples.ts';

/** Where the node's key and certificate are. */
function certificateFolder(): string {
  return defaultDataDir('cache-tls');
}

/** `sluice cache-node csr`: the key never leaves the node, the site's authority signs the request. */
export function csrCommand(): Command {
  return new Command('csr')
    .description('make the key of the node and the request for its certificate')
    .requiredOption('--cn <name>', 'common name of the subject')
    .addOption(
      new Option(
        '--san <name...>',
        'dns:, ip:, uri:, email:, rid:, dirName: or otherName:OID;text',
      ).makeOptionMandatory(),
    )
    .addOption(
      new Option('--algorithm <name>', 'of the key: RSA, EC, ED25519 or ED448').default('EC'),
    )
    .option('--key-size <size>', '2048, 3072, 4096; prime256v1, secp384r1')
    .option('--country <code>', 'of the subject')
    .option('--state <name>', 'of the subject')
    .option('--organization <name>', 'of the subject')
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        'sluice cache-node csr --cn cache.example.com --san dns:cache.example.com ip:10.0.0.5',
        'to be signed by your authority; renewing is signing the same request again',
      ]),
    )
    .action(async (_, command: Command) => {
      const { csr } = await import('../cache-node/certificate.ts');
      await csr({
        folder: certificateFolder(),
        ...command.optsWithGlobals<Omit<CsrFlags, 'folder'>>(),
      });
    });
}

export function importCertCommand(): Command {
  return new Command('import-cert')
    .description('take up the signed certificate of the node')
    .addArgument(
      new Argument('<file>', 'PEM or DER, with intermediate certificates behind it').argParser(
        pathValue,
      ),
    )
    .addOption(folderOption())
    .addOption(jsonOption())
    .addHelpText(
      'after',
      examples([
        'sluice cache-node import-cert signed.pem',
        'checks that it is for the key of csr',
      ]),
    )
    .action(async (file: string, _, command: Command) => {
      const { importCert } = await import('../cache-node/certificate.ts');
      await importCert(file, {
        folder: certificateFolder(),
        ...command.optsWithGlobals<{ json?: boolean }>(),
      });
    });
}

function folderOption(): Option {
  return new Option(
    '--folder <dir>',
    'where key and certificate are (default: cache-tls in the state folder)',
  ).argParser(pathValue);
}
