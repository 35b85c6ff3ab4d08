import { print, printJson } from '../terminal/print.ts';
import { type ServiceManager, serviceManager } from './service-manager.ts';
import { listenForReload, listenForStop, whenAborted } from './stop-signal.ts';

/** What is still busy then is cut off: service managers and users wait five seconds. */
const graceMs = 4500;

export interface Server {
  /** The one line on standard output when it serves, and the same as JSON. */
  ready: { line: string; json: object };
  /** Reads its settings again, on SIGHUP. A server without it is ended by SIGHUP. Must not throw. */
  reload?: (() => Promise<void>) | undefined;
  /** How long `close` goes on serving before it begins to close, ms. */
  drainMs?: number;
  close(): Promise<void>;
}

/** Starts a server, says that it is ready, and runs it until the process is asked to stop. */
export async function runServer(
  start: () => Promise<Server>,
  options: { json?: boolean },
): Promise<void> {
  using stop = listenForStop();
  const server = await start();
  const manager = serviceManager();
  // At a terminal SIGHUP means that it was closed.
  using _ =
    server.reload && !process.stdin.isTTY ? listenForReload(stop, server.reload) : undefined;
  if (!stop.signal.aborted) {
    if (options.json) printJson(server.ready.json);
    else print(server.ready.line);
    await manager.tell('READY=1', `STATUS=${server.ready.line}`);
  }
  using _watchdog = keepAlive(manager);
  await whenAborted(stop.signal);
  const limit = setTimeout(() => process.exit(), graceMs + (server.drainMs ?? 0));
  void manager.tell('STOPPING=1');
  await server.close();
  clearTimeout(limit);
}

/** Gives signs of life as long as timers fire here: a loop that is stuck gives none, and is ended. */
function keepAlive(manager: ServiceManager): Disposable | undefined {
  if (manager.watchdogMs === undefined) return undefined;
  const timer = setInterval(() => void manager.tell('WATCHDOG=1'), manager.watchdogMs);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}
