import { openSync } from 'node:fs';
import type Koffi from 'koffi';
import type { Logger } from 'pino';

/** What the kernel does for files that are sent: without a copy in user space (Linux only). */
export interface KernelFiles {
  /**
   * Sends bytes of a file to a socket, as many as it takes at once; the descriptors must be open.
   * @returns how many, 0 when it takes none now or refuses
   */
  send(socket: number, file: number, offset: number, length: number): number;
  /** Sends the first bytes of a buffer, and lets them wait for those of a file that follow. @returns as `send` */
  sendHead(socket: number, bytes: Uint8Array, length: number): number;
  /** Another descriptor of what this one is of. @throws when there are too many */
  duplicate(descriptor: number): number;
  /** Reads what is in memory of the bytes; 0 when that is nothing. @returns how many */
  readNow(file: number, bytes: Uint8Array, offset: number): number;
  /** Whether reading the bytes would not wait for the disk, as samples tell. */
  inMemory(file: number, offset: number, length: number): boolean;
  /** Bytes that the far side of a socket has not taken yet. */
  queued(socket: number): number;
  /** Has the bytes read into the page cache; resolves when they are there or cannot be read. */
  prefetch(file: number, offset: number, length: number): Promise<unknown>;
}

/** `off_t` is as wide as a pointer there. */
const wide = new Set(['x64', 'arm64', 'riscv64', 'loong64', 'ppc64', 's390x']);
const sampleEvery = 256 * 1024;
const noWait = 8;
const outQueue = 0x5411;
const duplicateCloexec = 1030;
/** MSG_DONTWAIT, MSG_NOSIGNAL, MSG_MORE. */
const headFlags = 0x40 | 0x4000 | 0x8000;

/** Undefined where there is no such thing; then bytes are read and written. */
export async function openKernelFiles(logger?: Logger): Promise<KernelFiles | undefined> {
  if (process.platform !== 'linux' || !wide.has(process.arch)) return undefined;
  try {
    const { default: koffi } = await import('koffi');
    return bind(koffi);
  } catch (error) {
    // Its binary is an optional package: somebody may have installed without.
    logger?.info({ err: error }, 'files are sent without sendfile');
    return undefined;
  }
}

function bind(koffi: typeof Koffi): KernelFiles {
  const libc = koffi.load(null);
  const sendfile = libc.func('int64_t sendfile(int, int, _Inout_ int64_t *, uint64_t)');
  const sendBytes = libc.func('int64_t send(int, void *, uint64_t, int)');
  // With close-on-exec: no program that is started gets it.
  const fcntl = libc.func('int fcntl(int, int, int)');
  const preadv2 = libc.func('int64_t preadv2(int, void *, int, int64_t, int)');
  const ioctl = libc.func('int ioctl(int, uint64_t, _Inout_ int *)');
  const nowhere = openSync('/dev/null', 'w');
  const at = new BigInt64Array(1);
  const count = new Int32Array(1);
  const byte = Buffer.allocUnsafeSlow(1);
  const vector = new BigUint64Array(2);
  /** Without waiting for the disk. The kernel writes to an address: `into` must live until then. */
  const read = (file: number, into: Uint8Array, offset: number): number => {
    vector[0] = koffi.address(into);
    vector[1] = BigInt(into.length);
    return Math.max(0, preadv2(file, vector, 1, offset, noWait));
  };
  const sampled = (file: number, offset: number) => read(file, byte, offset) > 0;
  return {
    send(socket, file, offset, length) {
      at[0] = BigInt(offset);
      return Math.max(0, sendfile(socket, file, at, length));
    },
    sendHead: (socket, bytes, length) => Math.max(0, sendBytes(socket, bytes, length, headFlags)),
    duplicate(descriptor) {
      const copy = fcntl(descriptor, duplicateCloexec, 0);
      if (copy < 0) throw Object.assign(new Error('too many open files'), { code: 'EMFILE' });
      return copy;
    },
    readNow: (file, bytes, offset) => read(file, bytes, offset),
    inMemory(file, offset, length) {
      for (let i = sampleEvery; i < length; i += sampleEvery) {
        if (!sampled(file, offset + i - 1)) return false;
      }
      return sampled(file, offset + length - 1);
    },
    queued(socket) {
      count[0] = 0;
      ioctl(socket, outQueue, count);
      return count[0];
    },
    prefetch(file, offset, length) {
      // Thrown away by the kernel, without a copy; whatever the descriptor may be by then.
      const from = new BigInt64Array([BigInt(offset)]);
      // An error is met again by whoever sends the bytes.
      return new Promise((resolve) => {
        sendfile.async(nowhere, file, from, length, () => resolve(from[0]));
      });
    },
  };
}
