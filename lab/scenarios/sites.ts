import { formatTable } from '@sluice/cli';
import { LabGround } from '../lab-ground.ts';
import { median } from '../measure/statistics.ts';
import type { Link } from '../network/link-shape.ts';
import { commonOptions, integerOf, linkOf, logLevelOf, sizeOf } from '../options.ts';
import { checkTools } from '../requirements.ts';
import { curl } from '../tools/curl.ts';
import { runTool } from '../tools/run-tool.ts';
import { sluiceTool } from '../tools/sluice.ts';
import type { Ground, Tool } from '../tools/tool.ts';
import type { Context, OptionValues, Outcome, Scenario } from './scenario.ts';

/** Headers are 4 %; the rest is what second requests may bring. */
const mostCopies = 1.25;
/** Of a device, of what it takes with curl while all others use curl, too. */
const mostToCurl = 1.02;

const { wan: _, ...others } = commonOptions;

export const sites: Scenario = {
  name: 'sites',
  summary: 'offices of a company, each behind a line of its own, want the file at the same moment',
  options: {
    ...others,
    size: { type: 'string', default: '32', help: 'MiB of the file' },
    devices: { type: 'string', default: '4', help: 'machines on each site' },
    lines: { type: 'string', default: '100,20,20', help: 'Mbit/s of each site, with commas' },
    rounds: { type: 'string', default: '3', help: 'of curl and Sluice in turn; medians count' },
    foreground: { type: 'boolean', default: false, help: 'somebody waits for it' },
  },
  run,
};

/** What a site came to. */
interface SiteResult {
  /** Of its last device, from the common start. */
  lastMs: number;
  /** Bytes over its line ÷ the file's size, headers included. */
  down: number;
  up: number;
}

const policies = {
  DODownloadMode: '2',
  DOGroupId: '7ab6b7f4-3b6c-4b4e-9c39-0c3e3c7a6f10',
};

async function run(values: OptionValues, { signal, log }: Context): Promise<Outcome> {
  const links = linesOf(values);
  const [size, devices] = [sizeOf(values), integerOf(values, 'devices', { min: 1, max: 64 })];
  const rounds = integerOf(values, 'rounds', { min: 1, max: 99 });
  const [foreground, keep] = [values.foreground === true, values.keep === true];
  const sluice = sluiceTool({ cache: false, foreground, logLevel: logLevelOf(values), policies });
  const tools = [curl, sluice];
  await checkTools(tools);
  const [link, ...moreLinks] = links;
  await using ground = await LabGround.create(
    { devices, size, link: link!, moreLinks, keep, log },
    signal,
  );
  const all = new Map<Tool, SiteResult[][]>(tools.map((tool) => [tool, []]));
  for (let round = 1; round <= rounds; round++) {
    for (const tool of tools) {
      const results = await ground.round(tool.name, signal, (g) => runOnSites(tool, g));
      all.get(tool)!.push(results);
      log(`${round}/${rounds} ${tool.name}: ${results.map(textOf).join(', ')}`);
    }
  }
  const [withCurl, withSluice] = tools.map((tool) => mediansOf(all.get(tool)!));
  return {
    json: { Size: size, Links: links, Curl: all.get(curl), Sluice: all.get(sluice) },
    text: `${size / 1024 ** 2} MiB to ${devices} devices on each site, medians of ${rounds}\n${formatTable(rows(links, withCurl!, withSluice!))}`,
    ok: withSluice!.every(
      (s, i) => s.down <= mostCopies && s.lastMs <= mostToCurl * withCurl![i]!.lastMs,
    ),
  };
}

/** @throws UsageError */
function linesOf(values: OptionValues): Link[] {
  const lines = String(values.lines).split(',');
  return lines.map((wan) => linkOf({ ...values, wan }));
}

async function runOnSites(tool: Tool, ground: Ground): Promise<SiteResult[]> {
  const { devices, lines } = await runTool(tool, ground);
  return ground.sites.map((site, i) => {
    const ofSite = devices.filter((_, k) => ground.devices[k]!.site === site);
    return {
      lastMs: Math.max(...ofSite.map(({ elapsedMs }) => elapsedMs)),
      down: lines[i]!.received / ground.file.size,
      up: lines[i]!.sent / ground.file.size,
    };
  });
}

function mediansOf(rounds: readonly SiteResult[][]): SiteResult[] {
  return rounds[0]!.map((_, site) => {
    const middle = (of: (r: SiteResult) => number) => median(rounds.map((r) => of(r[site]!)));
    return {
      lastMs: middle((r) => r.lastMs),
      down: middle((r) => r.down),
      up: middle((r) => r.up),
    };
  });
}

function textOf({ lastMs, down }: SiteResult): string {
  return `${(lastMs / 1000).toFixed(1)} s ${down.toFixed(2)}`;
}

function rows(
  links: readonly Link[],
  withCurl: readonly SiteResult[],
  withSluice: readonly SiteResult[],
): string[][] {
  const head = ['line', 'curl', 'Sluice', '÷ curl', 'curl: down', 'Sluice: down', 'up'];
  return [
    head,
    ...links.map(({ rateMbit }, i) => {
      const [c, s] = [withCurl[i]!, withSluice[i]!];
      return [
        `${rateMbit} Mbit/s`,
        `${(c.lastMs / 1000).toFixed(1)} s`,
        `${(s.lastMs / 1000).toFixed(1)} s`,
        (s.lastMs / c.lastMs).toFixed(2),
        ...[c.down, s.down, s.up].map((copies) => copies.toFixed(2)),
      ];
    }),
  ];
}
