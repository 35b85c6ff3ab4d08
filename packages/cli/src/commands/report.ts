import { Command, InvalidArgumentError, Option } from 'commander';
import { cloudOption, jsonOption, tokenFileOption } from '../options/common.ts';
import { integerValue, pathValue, rateValue } from '../options/values.ts';
import { examples } from './examples.ts';

export interface ReportOptions {
  cloud: string;
  from?: string;
  to?: string;
  tenant?: string;
  by?: string;
  content?: string;
  device?: string;
  sourceRate?: number;
  limit?: number;
  json?: boolean;
  csv?: boolean;
  parquet?: boolean;
  output?: string;
  tokenFile?: string;
}

/** `sluice report`: what peers and caches saved. */
export function reportCommand(): Command {
  return new Command('report')
    .description('show what peers and caches saved, from what devices told their cloud')
    .argument('[name]', 'the report; without one, all names are shown')
    .addOption(cloudOption().makeOptionMandatory())
    .addOption(
      new Option('--from <day>', 'the first day, UTC (default: 28 days up to --to)').argParser(
        dayValue,
      ),
    )
    .addOption(new Option('--to <day>', 'the last day, UTC (default: today)').argParser(dayValue))
    .addOption(new Option('--tenant <name>', 'whose devices (default: your own)'))
    .addOption(
      new Option('--by <what>', 'of efficiency (default: group)').choices([
        ...['group', 'site', 'city', 'country', 'isp', 'contentType'],
      ]),
    )
    .addOption(new Option('--content <id>', 'of this content only'))
    .addOption(new Option('--device <id>', 'of this device only'))
    .addOption(
      new Option('--source-rate <rate>', 'what the source can give, for the bound').argParser(
        rateValue,
      ),
    )
    .addOption(
      new Option('--limit <rows>', 'rows at the most').argParser(integerValue(1, 1_000_000)),
    )
    .addOption(jsonOption().conflicts(['csv', 'parquet']))
    .addOption(new Option('--csv', 'comma-separated values').conflicts(['json', 'parquet']))
    .addOption(new Option('--parquet', 'Apache Parquet; needs -o').conflicts(['json', 'csv']))
    .addOption(
      new Option('-o, --output <file>', 'write it there, as JSON unless said otherwise').argParser(
        pathValue,
      ),
    )
    .addOption(tokenFileOption())
    .addHelpText(
      'after',
      examples(
        ['sluice report summary --cloud http://127.0.0.1:8080', 'the last 28 days in a few lines'],
        [
          'sluice report efficiency --by site --from 2027-01-01 --to 2027-01-31',
          'which sites peers serve well; the cloud is in SLUICE_CLOUD',
        ],
        ['sluice report ucdo-status --parquet -o status.parquet', 'all devices, for other tools'],
      ),
    )
    .action(async (name: string | undefined, options: ReportOptions) => {
      const { report } = await import('../report/report.ts');
      await report(name, options);
    });
}

function dayValue(text: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text) || Number.isNaN(Date.parse(text))) {
    throw new InvalidArgumentError('It must be a day such as 2027-01-31.');
  }
  return text;
}
