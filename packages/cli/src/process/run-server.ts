import { print, printJson } from '../terminal/print.ts';
import { listenForStop, whenAborted } from './stop-signal.ts';

/** What is still busy then is cut off: service managers and users wait five seconds. */
const graceMs = 4500;

export interface Server {
  /** The one line on standard output when it serves, and the same as JSON. */
  ready: { line: string; json: object };
  close(): Promise<void>;
  /** Reads its configuration anew, at SIGHUP. Without it, SIGHUP ends the server. */
  reload?: (() => void) | undefined;
}

/** Starts a server, says that it is ready, and runs it until the process is asked to stop. */
export async function runServer(
  start: () => Promise<Server>,
  options: { json?: boolean },
): Promise<void> {
  using stop = listenForStop();
  const server = await start();
  if (server.reload) stop.onHangUp(server.reload);
  if (!stop.signal.aborted) {
    if (options.json) printJson(server.ready.json);
    else print(server.ready.line);
  }
  await whenAborted(stop.signal);
  const limit = setTimeout(() => process.exit(), graceMs);
  await server.close();
  clearTimeout(limit);
}
