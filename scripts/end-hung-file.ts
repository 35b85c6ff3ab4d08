/**
 * Loaded into the process of each test file: ends it when it is not over in time. A test that ran into its
 * own time limit is reported, but what it left open (an agent, a server) would hold its process, and with it
 * the whole run, for ever. `--test-force-exit` is no way: it loses results that are not yet read
 * (nodejs/node#64833).
 */
import { isMainThread } from 'node:worker_threads';

/** Longer than a test may take, and than any file takes on a busy machine. */
const limitMinutes = 7;

// The runner, which loads this too, may take as long as all files do.
if (process.env.NODE_TEST_CONTEXT !== undefined && isMainThread) {
  setTimeout(() => {
    console.error(`${process.argv[1]} is not over after ${limitMinutes} minutes`);
    process.exit(1);
  }, limitMinutes * 60_000).unref();
}
