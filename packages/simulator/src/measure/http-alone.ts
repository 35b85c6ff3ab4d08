import type { Fleet } from '../fleet/build-fleet.ts';
import { mbit } from '../fleet/units.ts';
import { FlowNetwork } from '../network/flow-network.ts';

/**
 * How long each device would take by HTTP alone, s, by its index in the fleet: the same source, lines
 * and starts, everybody fetches all it lacks, no latency, no outages.
 */
export function httpAloneSeconds(fleet: Fleet): Float64Array {
  const { devices, scenario, source, world } = fleet;
  const network = new FlowNetwork();
  const sourcePipe = network.pipe(source.options.rate);
  const lines = fleet.sites.map((s) =>
    s.down === Number.POSITIVE_INFINITY ? 0 : network.pipe(s.down),
  );
  const seconds = new Float64Array(devices.length);
  const starts = devices.map((d, k) => ({ k, at: Number.isNaN(d.startedAt) ? 0 : d.startedAt }));
  starts.sort((a, b) => a.at - b.at);
  const cap = aloneCap(scenario.source.perConnectionMbit, world.limits.maxFetches);
  let now = starts[0]?.at ?? 0;
  let running = 0;
  for (let next = 0; next < starts.length || running > 0; ) {
    const startAt = starts[next]?.at ?? Number.POSITIVE_INFINITY;
    const to = Math.min(startAt, now + network.nextEndIn());
    const stepMs = to - now;
    now = to;
    network.advance(stepMs);
    for (; next < starts.length && starts[next]!.at <= now; next++) {
      const { k, at } = starts[next]!;
      const device = devices[k]!;
      const missing = (world.pieceCount - device.initialPieces.count) * world.pieceBytes;
      if (missing === 0) continue;
      running++;
      const flowDone = () => {
        seconds[k] = (now - at) / 1000;
        running--;
        return false;
      };
      const pipes = [sourcePipe, lines[device.options.site]!, network.pipe(device.options.down)];
      network.start({ flowDone }, pipes, missing, cap);
    }
  }
  return seconds;
}

function aloneCap(perConnectionMbit: number | undefined, connections: number): number {
  return perConnectionMbit === undefined
    ? Number.POSITIVE_INFINITY
    : connections * mbit(perConnectionMbit);
}
