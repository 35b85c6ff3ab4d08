/**
 * An HTTP source in a process of its own, which a network namespace needs:
 * `node serve-file.ts <host> <file>` serves the file at `/file`, its hash list at `/file.phf`, and prints
 * its port. Of `/withheld` there is the hash list only: the file has to come from elsewhere.
 */
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { formatContentRange, parseRange } from '@sluice/protocol';

const [host, file] = process.argv.slice(2) as [string, string];
const paths = new Map([
  ['/file', file],
  ['/file.phf', `${file}.phf`],
  ['/withheld.phf', `${file}.phf`],
]);

const server = createServer(async ({ url, headers }, response) => {
  const path = paths.get(url ?? '');
  if (!path) {
    response.writeHead(url === '/withheld' ? 503 : 404).end();
    return;
  }
  const { size, mtimeMs } = await stat(path);
  const asked = headers.range ? parseRange(headers.range, size) : undefined;
  const part = Array.isArray(asked) ? asked[0] : undefined;
  const { start, end } = part ?? { start: 0, end: size };
  response.writeHead(part ? 206 : 200, {
    'content-length': end - start,
    'accept-ranges': 'bytes',
    etag: `"${size}-${mtimeMs}"`,
    ...(part && { 'content-range': formatContentRange(part, size) }),
  });
  createReadStream(path, { start, end: end - 1 }).pipe(response);
});
server.listen(0, host, () => console.log((server.address() as AddressInfo).port));
