import { formatTable } from '@sluice/cli';
import type { Fault } from '../faults/fault.ts';
import { faults } from '../faults/index-of-faults.ts';
import { LabGround } from '../lab-ground.ts';
import { median } from '../measure/statistics.ts';
import {
  commonOptions,
  integerOf,
  linkOf,
  logLevelOf,
  namesOf,
  numberOf,
  sizeOf,
} from '../options.ts';
import { checkTools } from '../requirements.ts';
import { curl } from '../tools/curl.ts';
import type { Context, OptionValues, Outcome, Scenario } from './scenario.ts';
import { type UnderFaults, underFaults } from './under-faults.ts';

const smallRounds = 5;

interface Case {
  name: string;
  faults: readonly Fault[];
}

const faultCases: readonly Case[] = [
  { name: 'nothing wrong', faults: [] },
  ...faults.map((fault) => ({ name: fault.name, faults: [fault] })),
  { name: 'all together', faults },
];

const smallCases: readonly (Case & { bytes: number })[] = [
  { name: '1 byte', faults: [], bytes: 1 },
  { name: '100 KB', faults: [], bytes: 100_000 },
];

const { devices: _, ...options } = commonOptions;

export const neverWorse: Scenario = {
  name: 'never-worse',
  summary: 'one machine downloads while its peers, cache node and cloud are slow, dead or lying',
  options: {
    ...options,
    rounds: { type: 'string', default: '1', help: 'of all faults in turn; medians count' },
    only: {
      type: 'string',
      default: '',
      help: `these only; with commas: ${names().join(', ')}`,
    },
    limit: { type: 'string', default: '1.2', help: 'times curl that is still good' },
    foreground: { type: 'boolean', default: false, help: 'somebody waits for it' },
  },
  run,
};

/** Milliseconds of each round. */
interface Times {
  name: string;
  sluice: number[];
  curl: number[];
  runs: UnderFaults[];
}

async function run(values: OptionValues, { signal, log }: Context): Promise<Outcome> {
  const [link, size] = [linkOf(values), sizeOf(values)];
  const rounds = integerOf(values, 'rounds', { min: 1, max: 99 });
  const limit = numberOf(values, 'limit', { min: 1, max: 100 });
  const settings = {
    foreground: values.foreground === true,
    logLevel: logLevelOf(values),
  };
  const wanted = namesOf(values, 'only', names());
  await checkTools([curl]);
  const shared = { link, keep: values.keep === true, log };
  const measure = async (cases: readonly Case[], bytes: number, times: number) => {
    const devices = 1 + Math.max(...cases.map(machinesOf));
    await using ground = await LabGround.create({ ...shared, devices, size: bytes }, signal);
    const results = cases.map(({ name }): Times => ({ name, sluice: [], curl: [], runs: [] }));
    for (let round = 1; round <= times; round++) {
      for (const [i, one] of cases.entries()) {
        const pair = await ground.round(one.name.replaceAll(' ', '-'), signal, (g) =>
          underFaults(g, one.faults, settings),
        );
        results[i]!.sluice.push(pair.sluice);
        results[i]!.curl.push(pair.curl);
        results[i]!.runs.push(pair);
        log(`${one.name}: ${pair.sluice.toFixed(0)} ms, curl ${pair.curl.toFixed(0)} ms`);
      }
    }
    return results;
  };
  const isWanted = ({ name }: Case) => wanted.includes(name);
  const cases = faultCases.filter(isWanted);
  const large = cases.length === 0 ? [] : await measure(cases, size, rounds);
  const small: Times[] = [];
  for (const one of smallCases.filter(isWanted)) {
    small.push(...(await measure([one], one.bytes, smallRounds)));
  }
  return {
    json: { Size: size, Link: link, Faults: large, SmallFiles: small },
    text: `${size / 1024 ** 2} MiB to one device\n${formatTable(rows([...large, ...small]))}`,
    ok: large.every((times) => median(ratios(times)) <= limit),
  };
}

function names(): string[] {
  return [...faultCases, ...smallCases].map(({ name }) => name);
}

function machinesOf({ faults: some }: Case): number {
  return some.reduce((sum, fault) => sum + fault.machines, 0);
}

function ratios({ sluice, curl: plain }: Times): number[] {
  return sluice.map((ms, i) => ms / plain[i]!);
}

function rows(times: readonly Times[]): string[][] {
  return [
    ['', 'sluice', 'curl', 'sluice ÷ curl', 'more than curl'],
    ...times.map((one) => {
      const more = median(one.sluice.map((ms, i) => ms - one.curl[i]!));
      return [
        one.name,
        `${(median(one.sluice) / 1000).toFixed(2)} s`,
        `${(median(one.curl) / 1000).toFixed(2)} s`,
        median(ratios(one)).toFixed(2),
        `${more.toFixed(0)} ms`,
      ];
    }),
  ];
}
