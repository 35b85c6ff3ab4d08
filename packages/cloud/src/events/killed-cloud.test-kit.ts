/** A cloud in a process of its own that can be killed: `killed-cloud.test-kit.ts DATABASE_URL`. Tells its URL by IPC. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCloud } from '../cloud.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'sluice-killed-'));
const listen = { host: '127.0.0.1', port: 0 };
const { url } = await createCloud({ dataDir, listen, database: process.argv[2]! });
// The one that kills us cleans up nothing.
rmSync(dataDir, { recursive: true });
process.send!(url);
