/**
 * A cache node in a process of its own, so that its CPU time can be told from the rest.
 * Arguments: cache folder, allowed source, workers. Prints its URL; ends with its standard input.
 */
import { collectAlone, createCacheNode } from '@sluice/connected-cache';

const [cacheDir = '', source = '', workers = '1'] = process.argv.slice(2);
const node = await createCacheNode({
  cacheDir,
  listen: { host: '127.0.0.1', port: 0 },
  maxBytes: 4 * 1024 ** 3,
  allow: [source],
  workers: Number(workers),
});
// As `sluice cache-node` does.
collectAlone();
console.log(node.url);
process.stdin.resume().once('end', () => node.close());
