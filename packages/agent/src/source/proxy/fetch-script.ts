import { type Clock, sluiceError } from '@sluice/protocol';
import { deadline } from '../../clock/deadline.ts';
import { createHttpSource } from '../http/index.ts';

const maxBytes = 1_048_576;
const timeoutMs = 20_000;

/** Gets a proxy script, by no proxy. @throws ProxyScriptFailed; the reason of `signal`. */
export async function fetchScript(url: string, clock: Clock, signal: AbortSignal): Promise<string> {
  const source = createHttpSource({ url, clock });
  using limit = deadline(clock, timeoutMs, signal);
  try {
    const room = new Uint8Array(maxBytes);
    let length = 0;
    const sink = {
      space: () => {
        if (length === maxBytes) throw new Error(`it is longer than ${maxBytes - 1} bytes`);
        return room.subarray(length);
      },
      filled: (n: number) => {
        length += n;
      },
      ready: async () => {},
    };
    await source.fetch({ start: 0, end: Number.POSITIVE_INFINITY }, sink, limit.signal);
    return Buffer.from(room.buffer, 0, length).toString('utf8');
  } catch (error) {
    signal.throwIfAborted();
    const detail = error instanceof Error ? error.message : String(error);
    throw sluiceError('ProxyScriptFailed', { detail, retryable: true }, { cause: error });
  } finally {
    await source.close();
  }
}
