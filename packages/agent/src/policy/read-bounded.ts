import { constants } from 'node:fs';
import { open } from 'node:fs/promises';

/** No file of settings is larger, bytes. */
const maxPolicyFile = 4 << 20;

/**
 * A small file; undefined when there is none.
 * @throws the system's error; Error for one that is too large, or no file.
 */
export async function readBounded(path: string): Promise<Buffer | undefined> {
  // Not waiting: a pipe would hold up the agent until somebody writes to it.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  const file = await open(path, flags).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const stats = await file.stat();
    if (!stats.isFile()) throw new Error('it is no file');
    const { size } = stats;
    if (size > maxPolicyFile) throw new Error(`it is larger than ${maxPolicyFile} bytes`);
    // It may grow meanwhile, and files of the kernel have no size.
    const buffer = Buffer.alloc(Math.min(maxPolicyFile, size + 65_536));
    let length = 0;
    for (;;) {
      const { bytesRead } = await file.read(buffer, length, buffer.length - length);
      length += bytesRead;
      if (bytesRead === 0 || length === buffer.length) return buffer.subarray(0, length);
    }
  } finally {
    await file.close();
  }
}

/** The JSON object in a file; undefined when there is none. @throws Error, SyntaxError */
export async function readJsonObject(path: string): Promise<Record<string, unknown> | undefined> {
  const bytes = await readBounded(path);
  if (!bytes) return undefined;
  const json: unknown = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  if (typeof json === 'object' && json !== null && !Array.isArray(json)) {
    return json as Record<string, unknown>;
  }
  throw new SyntaxError('it is no JSON object');
}
