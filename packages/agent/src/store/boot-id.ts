import { readFile } from 'node:fs/promises';
import { uptime } from 'node:os';

/** Two start times closer than this are of one start of the machine: clocks are set, seconds round. */
const sameBootMs = 10_000;

let known: Promise<Buffer> | undefined;

/**
 * 16 bytes that tell this start of the machine from every other: Linux's boot id, elsewhere eight
 * zeros and the time of the start. What was written in an earlier boot may not have reached the disk.
 */
export function bootId(): Promise<Buffer> {
  known ??= readBootId();
  return known;
}

/** Whether two boot ids are of one start of the machine. */
export function sameBoot(a: Uint8Array, b: Uint8Array): boolean {
  const [x, y] = [Buffer.from(a), Buffer.from(b)];
  if (x.equals(y)) return true;
  const [startX, startY] = [startTime(x), startTime(y)];
  if (startX === undefined || startY === undefined) return false;
  return Math.abs(startX - startY) < sameBootMs;
}

async function readBootId(): Promise<Buffer> {
  if (process.platform === 'linux') {
    const text = await readFile('/proc/sys/kernel/random/boot_id', 'latin1').catch(() => '');
    const id = Buffer.from(text.replaceAll('-', '').trim(), 'hex');
    if (id.length === 16) return id;
  }
  const id = Buffer.alloc(16);
  id.writeBigUInt64BE(BigInt(Math.round(Date.now() - uptime() * 1000)), 8);
  return id;
}

function startTime(id: Buffer): number | undefined {
  if (id.length !== 16) return undefined;
  return id.readBigUInt64BE(0) === 0n ? Number(id.readBigUInt64BE(8)) : undefined;
}
