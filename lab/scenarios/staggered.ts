import { sha256OfFile } from '@sluice/agent';
import { formatTable } from '@sluice/cli';
import { LabGround } from '../lab-ground.ts';
import { areEven, sharesOf } from '../measure/shares.ts';
import { difference } from '../network/counters.ts';
import { idealMs, type Link } from '../network/link-shape.ts';
import { commonOptions, integerOf, linkOf, logLevelOf, sizeOf } from '../options.ts';
import { checkTools } from '../requirements.ts';
import { sluiceTool } from '../tools/sluice.ts';
import type { Ground } from '../tools/tool.ts';
import type { Context, OptionValues, Outcome, Scenario } from './scenario.ts';

const leastFromPeers = 0.99;
/** Of two peers each gives 40 to 60 %. */
const tolerance = 0.2;

export const staggered: Scenario = {
  name: 'staggered',
  summary:
    'one machine after the other wants the file: the later ones have it from the earlier ones',
  options: {
    ...commonOptions,
    devices: { type: 'string', default: '3', help: 'machines, one after the other' },
    foreground: { type: 'boolean', default: false, help: 'somebody waits for it' },
  },
  run,
};

interface Turn {
  elapsedMs: number;
  /** Bytes down the WAN link ÷ the file's size, headers included. */
  wanDown: number;
  /** Payload, of that from all sources. */
  fromPeers: number;
  /** Of what came over the LAN from earlier devices, the part of each, in their order. */
  shares: number[];
}

async function run(values: OptionValues, { signal, log }: Context): Promise<Outcome> {
  const link = linkOf(values);
  const size = sizeOf(values);
  const devices = integerOf(values, 'devices', { min: 2, max: 64 });
  const tool = sluiceTool({
    cache: false,
    foreground: values.foreground === true,
    logLevel: logLevelOf(values),
  });
  await checkTools([tool]);
  const keep = values.keep === true;
  await using ground = await LabGround.create({ devices, size, link, keep, log }, signal);
  const turns = await ground.round('staggered', signal, async (g) => {
    await using ready = await tool.prepare(g);
    const done: Turn[] = [];
    for (const i of g.devices.keys()) done.push(await takeTurn(g, ready, i));
    return done;
  });
  const later = turns.slice(1);
  return {
    json: { Size: size, Link: link, Turns: turns },
    text: `${size / 1024 ** 2} MiB to one device after the other\n${formatTable(rows(turns, size, link))}`,
    ok: later.every((t) => t.fromPeers >= leastFromPeers && areEven(t.shares, tolerance)),
  };
}

async function takeTurn(
  ground: Ground,
  ready: Awaited<ReturnType<ReturnType<typeof sluiceTool>['prepare']>>,
  index: number,
): Promise<Turn> {
  const { site, file, signal } = ground;
  const device = ground.devices[index]!;
  const earlier = ground.devices.slice(0, index);
  // At the router, what a device sends is received.
  const look = () => Promise.all(earlier.map(({ port }) => site.counters(port)));
  const [ports, wan] = await Promise.all([look(), site.wanCounters()]);
  const startedAt = performance.now();
  const { output, details } = await ready.download(device);
  const elapsedMs = performance.now() - startedAt;
  const wanDown = difference(await site.wanCounters(), wan).received / file.size;
  const sent = (await look()).map((now, i) => difference(now, ports[i]!).received);
  if ((await sha256OfFile(output, { signal })) !== file.sha256) {
    throw new Error(`device ${device.number} has another file`);
  }
  const { BytesFromPeers, BytesFromHttp } = details as Record<string, number>;
  const fromPeers = sharesOf([BytesFromPeers!, BytesFromHttp!])[0]!;
  return { elapsedMs, wanDown, fromPeers, shares: sharesOf(sent) };
}

function rows(turns: readonly Turn[], size: number, link: Link): string[][] {
  const ideal = idealMs(size, link);
  const head = ['', 'time', '÷ (size ÷ WAN rate)', 'WAN down', 'from peers', 'each earlier device'];
  return [
    head,
    ...turns.map((turn, i) => [
      `device ${i + 1}`,
      `${(turn.elapsedMs / 1000).toFixed(2)} s`,
      (turn.elapsedMs / ideal).toFixed(2),
      turn.wanDown.toFixed(3),
      `${(turn.fromPeers * 100).toFixed(1)} %`,
      turn.shares.map((share) => `${(share * 100).toFixed(0)} %`).join(' ') || '-',
    ]),
  ];
}
