export type Environment = Readonly<Record<string, string | undefined>>;

/** The proxy that the environment names for a URL, as curl and others read it; undefined for none. */
export function environmentProxy(url: URL, env: Environment): string | undefined {
  const isHttp = url.protocol === 'http:';
  // In a CGI program HTTP_PROXY is what the client's "Proxy" header says (httpoxy).
  const capitals = isHttp && env.REQUEST_METHOD ? undefined : env.HTTP_PROXY;
  const own = isHttp ? env.http_proxy || capitals : env.https_proxy || env.HTTPS_PROXY;
  return own || env.all_proxy || env.ALL_PROXY || undefined;
}

export function noProxyOf(env: Environment): string {
  return env.no_proxy || env.NO_PROXY || '';
}

/** Whether it names any proxy at all. */
export function namesProxy(env: Environment): boolean {
  const names = [
    'http_proxy',
    'HTTP_PROXY',
    'https_proxy',
    'HTTPS_PROXY',
    'all_proxy',
    'ALL_PROXY',
  ];
  return names.some((name) => env[name]);
}
