import { formatTable } from '@sluice/cli';
import { LabGround } from '../lab-ground.ts';
import {
  columnNames,
  medianSummary,
  type Summary,
  summarize,
  summaryRows,
} from '../measure/summary.ts';
import { idealMs, type Link } from '../network/link-shape.ts';
import {
  commonOptions,
  devicesOf,
  integerOf,
  linkOf,
  logLevelOf,
  namesOf,
  sizesOf,
} from '../options.ts';
import { checkTools } from '../requirements.ts';
import { toolsOf } from '../tools/index-of-tools.ts';
import { runTool, type ToolRun } from '../tools/run-tool.ts';
import type { Tool } from '../tools/tool.ts';
import type { Context, OptionValues, Outcome, Scenario } from './scenario.ts';

/** Of a tool's run, beyond what all devices one after the other would take twice. */
const spareMs = 60_000;

export const together: Scenario = {
  name: 'together',
  summary: 'all machines of a site want the file at the same moment, with Sluice and other tools',
  options: {
    ...commonOptions,
    size: { type: 'string', default: '64', help: 'MiB of the file; several with commas' },
    columns: {
      type: 'string',
      default: '',
      help: `of the table, with commas: ${columnNames.join(', ')}`,
    },
    tools: { type: 'string', default: 'sluice,curl', help: 'in this order' },
    rounds: { type: 'string', default: '3', help: 'of all tools in turn; medians count' },
    cache: { type: 'boolean', default: false, help: 'Sluice with a cache node on site too' },
    foreground: { type: 'boolean', default: false, help: 'Sluice: somebody waits for it' },
  },
  run,
};

async function run(values: OptionValues, context: Context): Promise<Outcome> {
  const settings = {
    cache: values.cache === true,
    foreground: values.foreground === true,
    logLevel: logLevelOf(values),
  };
  const tools = toolsOf(String(values.tools), settings);
  const rounds = integerOf(values, 'rounds', { min: 1, max: 99 });
  const [link, devices, sizes] = [linkOf(values), devicesOf(values), sizesOf(values)];
  const columns = namesOf(values, 'columns', columnNames);
  await checkTools(tools);
  const keep = values.keep === true;
  const results: SizeResult[] = [];
  for (const size of sizes) {
    const series = { tools, rounds, link, devices, size, keep };
    results.push(await measure(series, context));
  }
  const failures = results.flatMap((result) => result.Failures);
  const medians = results.flatMap(({ Size: size, Rounds: byTool }) =>
    Object.entries(byTool)
      .filter(([, all]) => all.length > 0)
      .map(([name, all]) => [nameOf(name, size, sizes), medianSummary(all)] as const),
  );
  const which = sizes.map((size) => size / 1024 ** 2).join(', ');
  const what = `${which} MiB to ${devices} devices, ${link.rateMbit} Mbit/s and ${link.rttMs} ms WAN, medians of ${rounds}`;
  const legend =
    'times ÷ (size ÷ WAN rate), WAN bytes with headers ÷ size, twice ÷ delivered, CPU of a device, RSS of the largest';
  return {
    json: { Devices: devices, Link: link, Sizes: results },
    text: [what, formatTable(summaryRows(medians, columns)), legend, ...failures].join('\n'),
    ok: failures.length === 0,
  };
}

function nameOf(tool: string, size: number, sizes: readonly number[]): string {
  return sizes.length > 1 ? `${size / 1024 ** 2} MiB ${tool}` : tool;
}

/** What came of one size of file. */
interface SizeResult {
  /** Bytes. */
  Size: number;
  Rounds: Record<string, Summary[]>;
  Failures: string[];
  Runs: { Tool: string; Round: number; Run: ToolRun }[];
}

interface Series {
  tools: readonly Tool[];
  rounds: number;
  link: Link;
  devices: number;
  /** Bytes. */
  size: number;
  keep: boolean;
}

/** All rounds of all tools with a file of one size. */
async function measure(series: Series, { signal, log }: Context): Promise<SizeResult> {
  const { tools, rounds, link, devices, size, keep } = series;
  await using ground = await LabGround.create({ devices, size, link, keep, log }, signal);
  const results = new Map<string, Summary[]>(tools.map((tool) => [tool.name, []]));
  const runs: SizeResult['Runs'] = [];
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
  return { Size: size, Rounds: Object.fromEntries(results), Failures: failures, Runs: runs };
}
