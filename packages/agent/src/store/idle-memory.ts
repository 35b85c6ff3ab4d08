/**
 * Memory of pieces that is not in use, shared by all pools of the process. Without it every download
 * would leave its pool to the garbage collector, and that of the piece thread runs so seldom that
 * hundreds of MiB pile up (840 MiB seen with pieces of 16 MiB).
 */
const idle: SharedArrayBuffer[] = [];
let idleBytes = 0;

/** As much as one download holds by default; what is more is left to the garbage collector. */
const maxIdleBytes = 64 * 1_048_576;

/** Memory of `size` bytes, the warmest first; what it holds is undefined. */
export function takeMemory(size: number): SharedArrayBuffer {
  const at = idle.findLastIndex((memory) => memory.byteLength === size);
  if (at === -1) return new SharedArrayBuffer(size);
  idleBytes -= size;
  return idle.splice(at, 1)[0]!;
}

/** Gives memory back; the longest idle goes when there is too much. */
export function giveMemory(memory: SharedArrayBuffer): void {
  idle.push(memory);
  idleBytes += memory.byteLength;
  while (idleBytes > maxIdleBytes) idleBytes -= idle.shift()!.byteLength;
}
