import type { Scenario } from './scenarios/scenario.ts';

export function helpText(scenarios: readonly Scenario[]): string {
  return [
    'npm run lab -- <scenario> [options]',
    '',
    ...lines(scenarios.map(({ name, summary }) => [name, summary])),
    ...lines([
      ['install', 'installs the Debian packages that the lab and its tools need'],
      ['clean', 'removes the namespaces of runs that were killed'],
    ]),
    '',
    '<scenario> --help tells its options. Needs Linux and root.',
  ].join('\n');
}

export function helpOf({ name, summary, options }: Scenario): string {
  const rows = Object.entries(options).map(([option, { type, help, ...rest }]) => [
    `--${option}${type === 'boolean' ? '' : ' <…>'}`,
    type === 'boolean' || rest.default === undefined ? help : `${help} (${rest.default})`,
  ]);
  const json = ['--json', 'print all figures of all rounds as JSON'];
  return [`npm run lab -- ${name} [options]`, '', summary, '', ...lines([...rows, json])].join(
    '\n',
  );
}

function lines(rows: readonly (readonly string[])[]): string[] {
  const width = Math.max(...rows.map(([first]) => first!.length));
  return rows.map(([first, rest]) => `  ${first!.padEnd(width)}  ${rest}`);
}
