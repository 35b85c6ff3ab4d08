/**
 * Loaded before an agent by `bench/swarm-writes.ts`: counts what it writes to the sockets of peers, and
 * appends that as one line of JSON to the file named by SLUICE_COUNT_FILE when the process ends.
 */
import { appendFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
import { SwarmSocket } from '../src/swarm/swarm-socket.ts';

/** A write of more bytes carries content. */
const maxMessages = 4_096;
const file = process.env.SLUICE_COUNT_FILE;
const counts = { messages: 0, content: 0 };

if (file && isMainThread) {
  const { write } = SwarmSocket.prototype;
  SwarmSocket.prototype.write = function (this: SwarmSocket, parts, done) {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    counts[bytes > maxMessages ? 'content' : 'messages']++;
    write.call(this, parts, done);
  };
  process.on('exit', () => {
    if (counts.messages === 0) return;
    const { user, system } = process.cpuUsage();
    appendFileSync(file, `${JSON.stringify({ ...counts, cpu: (user + system) / 1e6 })}\n`);
  });
}
