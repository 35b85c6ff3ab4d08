#!/usr/bin/env node
/**
 * The `sluice` command on whatever Node.js the user has (20 or newer). Sluice itself is TypeScript that
 * Node runs as it is from 22.19 on; an older one hands over to the Node of the `node` package that
 * `npm ci` installed beside Sluice. Plain JavaScript without newer syntax, so that it always starts.
 */
const needed = [22, 19];

const [major, minor] = process.versions.node.split('.').map(Number);
if (major > needed[0] || (major === needed[0] && minor >= needed[1])) {
  await import('./start.js');
} else {
  const { handOver } = await import('./hand-over.js');
  handOver(needed);
}
