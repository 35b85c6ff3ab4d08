import type { IncomingMessage } from 'node:http';

/**
 * Reads a body and shows it to `take`. If that does not want it (false), the request is as unread as before, and
 * `otherwise` has somebody else read it.
 * @param length bytes of the body, as its head says
 */
export function tryBody(
  raw: IncomingMessage,
  length: number,
  { take, otherwise }: { take: (body: Buffer) => boolean; otherwise: () => void },
): void {
  const show = (body: Buffer) => {
    if (take(body)) return;
    // Before the end was seen a stream takes back what it gave, as long as nobody listens.
    raw.unshift(body);
    otherwise();
  };
  // What came together with the head is there then: a stream that need not flow costs less.
  process.nextTick(() => {
    if (raw.readableLength >= length) show(raw.read());
    else if (!raw.destroyed) collect(raw, length, show);
  });
}

function collect(raw: IncomingMessage, length: number, show: (body: Buffer) => void): void {
  let have: Buffer | undefined;
  const onData = (chunk: Buffer) => {
    have = have ? Buffer.concat([have, chunk]) : chunk;
    if (have.length < length) return;
    raw.off('data', onData).pause();
    show(have);
  };
  raw.on('data', onData);
}
