import { formatTable } from '@sluice/cli';
import { LabGround } from '../lab-ground.ts';
import { medianSummary, type Summary, summarize, summaryRows } from '../measure/summary.ts';
import { idealMs } from '../network/link-shape.ts';
import { commonOptions, devicesOf, integerOf, linkOf, sizeOf } from '../options.ts';
import { checkTools } from '../requirements.ts';
import { toolsOf } from '../tools/index-of-tools.ts';
import { runTool, type ToolRun } from '../tools/run-tool.ts';
import type { Context, OptionValues, Outcome, Scenario } from './scenario.ts';

/** Of a tool's run, beyond what all devices one after the other would take twice. */
const spareMs = 60_000;

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
  const runs: { Tool: string; Round: number; Run: ToolRun }[] = [];
  const failures: string[] = [];
  const limitMs = Math.ceil(spareMs + idealMs(size, link) * (devices * 2 + 3));
  for (let round = 1; round <= rounds; round++) {
    for (const tool of tools) {
      const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
      try {
        const result = await ground.round(tool.name, limit, (g) => runTool(tool, g));
        const summary = summarize(result, ground.file, link);
        results.get(tool.name)!.push(summary);
        runs.push({ Tool: tool.name, Round: round, Run: result });
        log(`${round}/${rounds} ${formatTable(summaryRows([[tool.name, summary]]).slice(1))}`);
      } catch (error) {
        // One tool that fails or hangs is a result as well; the others go on.
        signal.throwIfAborted();
        failures.push(`${tool.name}, round ${round}: ${(error as Error).message}`);
        log(failures.at(-1)!);
      }
    }
  }
  const medians = [...results]
    .filter(([, all]) => all.length > 0)
    .map(([name, all]) => [name, medianSummary(all)] as const);
  const what = `${size / 1024 ** 2} MiB to ${devices} devices, ${link.rateMbit} Mbit/s and ${link.rttMs} ms WAN, medians of ${rounds}`;
  const legend =
    'times ÷ (size ÷ WAN rate), WAN bytes with headers ÷ size, twice ÷ delivered, CPU of a device, RSS of the largest';
  return {
    json: {
      Size: size,
      Devices: devices,
      Link: link,
      Rounds: Object.fromEntries(results),
      Failures: failures,
      Runs: runs,
    },
    text: [what, formatTable(summaryRows(medians)), legend, ...failures].join('\n'),
    ok: failures.length === 0,
  };
}
