import { once } from 'node:events';
import { createServer, isIP } from 'node:net';
import { fail, ok, type Verdict, warn } from './finding.ts';

/** Networks with more addresses than this many bits are hardly all proxies. */
const wide = { 4: 16, 6: 48 };

/** Whether the port can be had. A cloud that runs already has it, which is no fault. */
export async function port({ host, port }: { host: string; port: number }): Promise<Verdict> {
  const server = createServer();
  try {
    server.listen({ host, port });
    await once(server, 'listening');
    return ok(`${host} ${port} is free`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      const remedy = 'Nothing, if it is this cloud; else stop the other, or use another --listen.';
      return warn(`somebody listens at ${host} ${port} already`, remedy);
    }
    const low = 'Use a port from 1024 on, or give it CAP_NET_BIND_SERVICE.';
    return fail(message, code === 'EACCES' ? low : 'Name an address of this machine: --listen.');
  } finally {
    server.close();
  }
}

export function trustedProxies(proxies: readonly string[], host: string): Verdict {
  const tooWide = proxies.filter((cidr) => {
    const [ip = '', prefix] = cidr.split('/');
    return prefix !== undefined && Number(prefix) < wide[isIP(ip) === 6 ? 6 : 4];
  });
  if (tooWide.length > 0) {
    const detail = `${tooWide.join(', ')}: whoever is there may say which site it is of`;
    return warn(detail, 'Name the addresses of the proxies alone: --trusted-proxy.');
  }
  if (proxies.length > 0) return ok(proxies.join(', '));
  if (['127.0.0.1', '::1', 'localhost'].includes(host)) {
    const detail =
      'none, and only this machine reaches it: behind a proxy all devices are one site';
    return warn(detail, 'Name the proxy: --trusted-proxy 127.0.0.1, or listen for all: --listen.');
  }
  return ok('none: devices come without a proxy');
}
