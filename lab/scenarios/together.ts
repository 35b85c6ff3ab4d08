import { formatTable } from '@sluice/cli';
import { LabGround } from '../lab-ground.ts';
import { medianSummary, type Summary, summarize, summaryRows } from '../measure/summary.ts';
import { commonOptions, devicesOf, integerOf, linkOf, sizeOf } from '../options.ts';
import { checkTools } from '../requirements.ts';
import { toolsOf } from '../tools/index-of-tools.ts';
import { runTool } from '../tools/run-tool.ts';
import type { Context, OptionValues, Outcome, Scenario } from './scenario.ts';

export const together: Scenario = {
  name: 'together',
  summary: 'all machines of a site want the file at the same moment, with Sluice and other tools',
  options: {
    ...commonOptions,
    tools: { type: 'string', default: 'sluice,curl', help: 'in this order' },
    rounds: { type: 'string', default: '3', help: 'of all tools in turn; medians count' },
    cache: { type: 'boolean', default: false, help: 'Sluice with a cache node on site too' },
    foreground: { type: 'boolean', default: false, help: 'Sluice: somebody waits for it' },
  },
  run,
};

async function run(values: OptionValues, { signal, log }: Context): Promise<Outcome> {
  const settings = {
    cache: values.cache === true,
    foreground: values.foreground === true,
    logLevel: String(values['log-level']),
  };
  const tools = toolsOf(String(values.tools), settings);
  const rounds = integerOf(values, 'rounds', { min: 1, max: 99 });
  const link = linkOf(values);
  const [size, devices] = [sizeOf(values), devicesOf(values)];
  await checkTools(tools);
  const keep = values.keep === true;
  await using ground = await LabGround.create({ devices, size, link, keep, log }, signal);
  const results = new Map<string, Summary[]>(tools.map((tool) => [tool.name, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const tool of tools) {
      signal.throwIfAborted();
      const result = await ground.round(tool.name, signal, (g) => runTool(tool, g));
      const summary = summarize(result, ground.file, link);
      results.get(tool.name)!.push(summary);
      log(`${round}/${rounds} ${formatTable([summaryRows(new Map([[tool.name, summary]]))[1]!])}`);
    }
  }
  const medians = new Map([...results].map(([name, all]) => [name, medianSummary(all)]));
  const what = `${size / 1024 ** 2} MiB to ${devices} devices, ${link.rateMbit} Mbit/s and ${link.rttMs} ms WAN, medians of ${rounds}`;
  const legend =
    'times ÷ (size ÷ WAN rate), WAN bytes with headers ÷ size, twice ÷ delivered, CPU of a device, RSS of the largest';
  return {
    json: { Size: size, Devices: devices, Link: link, Rounds: Object.fromEntries(results) },
    text: `${what}\n${formatTable(summaryRows(medians))}\n${legend}`,
    ok: true,
  };
}
