/**
 * An HTTP server that passes every request on, and holds the answer back.
 *
 *     node slow-proxy.ts <address> <port> <target url> <ms>
 */
import { createServer, request } from 'node:http';

const [address, port, target, holdMs] = process.argv.slice(2);

const server = createServer((incoming, outgoing) => {
  const { method, headers, url } = incoming;
  const onward = request(new URL(url!, target), { method: method!, headers }, (answer) => {
    setTimeout(() => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    }, Number(holdMs));
  });
  onward.on('error', () => outgoing.destroy());
  incoming.on('error', () => onward.destroy());
  incoming.pipe(onward);
});
server.listen(Number(port), address, () => console.log('ready'));
// The lab ends it, or is gone.
process.stdin.on('end', () => process.exit()).resume();
