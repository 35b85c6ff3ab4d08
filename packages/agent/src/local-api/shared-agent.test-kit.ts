import { createAgent } from '../agent.ts';
import { openJobs } from '../jobs/open-jobs.ts';
import { serveLocalApi } from './server.ts';

/** A process of its own: an agent that shares its socket. Arguments: data directory, socket. */
const [dataDir = '', sharedSocket = ''] = process.argv.slice(2);
const agent = await createAgent({ dataDir, peerPort: 0, localDiscovery: false, persistent: true });
const jobs = await openJobs(agent, dataDir);
await serveLocalApi(agent, { dataDir, jobs, sharedSocket });
console.log('ready');
