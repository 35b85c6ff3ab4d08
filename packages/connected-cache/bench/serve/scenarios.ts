import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What a scenario did: bytes of bodies, and requests when they are what counts. */
export interface Done {
  bytes: number;
  /** 99th percentile of the time of a request, ms; of short requests only. */
  p99?: number;
}

/** So many clients at once, each with an equal share of `total` bytes in whole objects or the first of one. */
export async function wholeObjects(
  url: string,
  clients: number,
  length: number,
  total: number,
): Promise<Done> {
  const share = Math.floor(total / clients);
  const times = Math.max(1, Math.floor(share / length));
  const part = share < length ? ['-r', `0-${share - 1}`] : [];
  const targets = Array.from({ length: times }, () => ['-o', '/dev/null', url]).flat();
  const args = ['-sSf', ...part, ...targets];
  await Promise.all(Array.from({ length: clients }, () => run('curl', args)));
  return { bytes: clients * times * Math.min(share, length) };
}

/** 64 KiB each, anywhere in the object, by wrk on so many connections. */
export async function smallRanges(
  url: string,
  folder: string,
  length: number,
  connections: number,
  seconds: number,
  /** Each connection rests so long between two requests, ms. */
  restMs = 0,
): Promise<Done> {
  const script = join(folder, 'ranges.lua');
  const blocks = Math.floor(length / 65536);
  await writeFile(
    script,
    `request = function()
  local s = math.random(0, ${blocks - 1}) * 65536
  return wrk.format("GET", nil, {["Range"] = "bytes=" .. s .. "-" .. (s + 65535)})
end
${restMs > 0 ? `delay = function() return ${restMs} end` : ''}
`,
  );
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '--latency', '-s', script, url];
  const { stdout } = await run('wrk', args);
  if (/Non-2xx|(?:connect|read|write) [1-9]/.test(stdout)) throw new Error(stdout);
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1]);
  const [, value, unit] = /99%\s+([\d.]+)(us|ms|s)/.exec(stdout) ?? [];
  const scale = { us: 0.001, ms: 1, s: 1000 }[unit as 'us' | 'ms' | 's'];
  return { bytes: requests * 65536, p99: Number(value) * scale };
}
