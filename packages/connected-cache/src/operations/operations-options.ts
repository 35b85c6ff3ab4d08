import type { PageAccess } from '../pages/page-access.ts';
import type { CloudOptions } from '../registration/cloud-link.ts';
import type { AccessLogOptions } from '../watch/access-log.ts';

/** What an operator may want beside a node that serves; nothing of it by default. */
export interface OperationsOptions {
  /** Who may see the node's pages; without it, callers on this machine. */
  access?: PageAccess | undefined;
  accessLog?: AccessLogOptions | undefined;
  /** Another address for the pages alone, such as 127.0.0.1:5000. */
  statusListen?: { host: string; port: number } | undefined;
  /** The node's own folder: where it leaves word how to give it orders, and keeps its identity. */
  stateDir?: string | undefined;
  /** The cloud to phone home to; needs `stateDir`. */
  cloud?: CloudOptions | undefined;
  /** Tells devices on the local network of the node, by DNS-SD. */
  advertise?: boolean | undefined;
  /**
   * Where spans of traces that clients begin go, as OTEL_EXPORTER_OTLP_ENDPOINT has it. What is hot is then answered as
   * everything else is: that takes more CPU time.
   */
  otlpEndpoint?: string | undefined;
}
