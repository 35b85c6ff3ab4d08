/**
 * A cache node in a process of its own, to be killed. Arguments: cache folder, allowed source,
 * piece size. Prints its URL.
 */
import { createCacheNode } from '../cache-node.ts';

const [cacheDir = '', source = '', pieceSize] = process.argv.slice(2);
const node = await createCacheNode({
  cacheDir,
  listen: { host: '127.0.0.1', port: 0 },
  maxBytes: 256 * 1024 * 1024,
  allow: [source],
  tuning: { pieceSize: Number(pieceSize) },
});
console.log(node.url);
