import { Option } from 'commander';
import { integerValue, pathValue } from './values.ts';

/** What `sluice cloud` does with what devices tell it. */
export interface ReportFlags {
  eventDays?: number;
  reportDays?: number;
  geoFile?: string[];
}

export function reportFlags(): Option[] {
  return [
    new Option(
      '--event-days <days>',
      'how long events of devices are kept (default: 90)',
    ).argParser(integerValue(1, 3_650)),
    new Option('--report-days <days>', 'how long their sums are kept (default: 400)').argParser(
      integerValue(28, 3_650),
    ),
    new Option(
      '--geo-file <file>',
      'where addresses are, for reports: .mmdb, or .csv of network,country,city,isp; may be repeated',
    ).argParser((text: string, before: string[] | undefined) => [
      ...(before ?? []),
      pathValue(text),
    ]),
  ];
}

/** The flags as `createCloud` takes them. */
export function reportOptions({ eventDays, reportDays, geoFile }: ReportFlags) {
  return {
    retention: {
      ...(eventDays !== undefined && { eventDays }),
      ...(reportDays !== undefined && { sumDays: reportDays }),
    },
    ...(geoFile !== undefined && { geoFiles: geoFile }),
  };
}
