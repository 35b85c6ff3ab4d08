import { type ErrorEntry, ExitCode } from './error-entry.ts';

/** Errors of: HTTP source and cache host. */
export const sourceErrors = {
  SourceDnsFailed: {
    message: '{url}: the host name cannot be resolved ({detail})',
    remedy: 'Check the spelling of the host and this device’s DNS.',
    exitCode: ExitCode.Network,
    hresult: 0x80072ee7,
  },
  SourceRefused: {
    message: '{url}: the connection was refused',
    remedy: 'Check the port, and that the server runs and no firewall refuses it.',
    exitCode: ExitCode.Network,
    hresult: 0x80072efd,
  },
  SourceUnreachable: {
    message: '{url}: the host cannot be reached ({detail})',
    remedy: 'Check the network of this device and the route to the host.',
    exitCode: ExitCode.Network,
    hresult: 0x80072efd,
  },
  SourceConnectTimeout: {
    message: '{url}: connecting took too long ({detail})',
    remedy: 'Check that the host is up and no firewall drops the connection.',
    exitCode: ExitCode.Network,
    hresult: 0x80072ee2,
  },
  SourceReset: {
    message: '{url}: the connection was lost ({detail})',
    remedy: 'Try again; if it happens again, look at the server’s log and at proxies in between.',
    exitCode: ExitCode.Network,
    hresult: 0x80072eff,
  },
  SourceTlsFailed: {
    message: '{url}: no secure connection: {detail}',
    remedy: 'Check the server’s certificate and this device’s clock.',
    exitCode: ExitCode.Network,
    hresult: 0x80072f7d,
  },
  SourceStalled: {
    message: '{url}: nothing came for {seconds} s: {detail}',
    remedy: 'Try again; if it happens again, look at the load of the server and the link.',
    exitCode: ExitCode.Network,
    hresult: 0x80072ee2,
  },
  SourceTruncated: {
    message: '{url}: the answer was cut off: {detail}',
    remedy: 'Try again; if it happens again, look at the server’s log and at proxies in between.',
    exitCode: ExitCode.Network,
    hresult: 0x80072eff,
  },
  SourceMalformed: {
    message: '{url}: the answer is not valid HTTP: {detail}',
    remedy: 'Check that the URL names a web server; a proxy in between may also spoil answers.',
    exitCode: ExitCode.Source,
    hresult: 0x80072f78,
  },
  SourceUnauthorized: {
    message: '{url}: the source wants credentials (401)',
    remedy: 'Give a user name and password in the URL, or a URL that is open to this device.',
    exitCode: ExitCode.Source,
    hresult: 0x80190191,
  },
  SourceForbidden: {
    message: '{url}: the source forbids it (403)',
    remedy: 'Check the rights on the server; a signed URL may have expired.',
    exitCode: ExitCode.Source,
    hresult: 0x80190193,
  },
  SourceNotFound: {
    message: '{url}: not found at the source (404)',
    remedy: 'Check the URL.',
    exitCode: ExitCode.Source,
    hresult: 0x80190194,
  },
  SourceGone: {
    message: '{url}: no longer at the source (410)',
    remedy: 'Ask the publisher for the new URL.',
    exitCode: ExitCode.Source,
    hresult: 0x80190194,
  },
  SourceThrottled: {
    message: '{url}: the source wants fewer requests (429)',
    remedy: 'Wait a while and try again.',
    exitCode: ExitCode.Source,
    hresult: 0x80190001,
  },
  SourceServerError: {
    message: '{url}: the source failed ({status})',
    remedy: 'Try again later; the server’s log has the reason.',
    exitCode: ExitCode.Source,
    hresult: 0x801901f4,
  },
  SourceStatus: {
    message: '{url}: the source answered {status}',
    remedy: 'Check the URL and the server’s log.',
    exitCode: ExitCode.Source,
    hresult: 0x80190001,
  },
  SourceRedirectLoop: {
    message: '{url}: the source redirects in a circle',
    remedy: 'Check the URL and the redirects of the server.',
    exitCode: ExitCode.Source,
    hresult: 0xc0d0002f,
  },
  SourceTooManyRedirects: {
    message: '{url}: more than {limit} redirects',
    remedy: 'Check the URL and the redirects of the server.',
    exitCode: ExitCode.Source,
    hresult: 0xc0d0002f,
  },
  SourceRedirectRefused: {
    message: '{url}: the redirect to {target} is not followed: it {detail}',
    remedy: 'Use the URL it leads to, if you trust it.',
    exitCode: ExitCode.Source,
    hresult: 0x80190003,
  },
  SourceEncoded: {
    message: '{url}: the source sends the content {encoding}-encoded',
    remedy: 'Turn off compression for this content at the server or proxy.',
    exitCode: ExitCode.Source,
  },
  SourceNoRanges: {
    message: '{url}: the source serves no ranges, only the whole',
    remedy: 'Nothing to do; the whole is fetched in one stream.',
    exitCode: ExitCode.Source,
  },
  SourceChanged: {
    message: '{url}: the content changed at the source: {detail}',
    remedy: 'Run it again: the new content is fetched from the start.',
    exitCode: ExitCode.Source,
  },
  SourceShort: {
    message: '{url}: the content ends at byte {contentLength}, asked for up to byte {end}',
    remedy: 'Check that the pieces hash file and the URL belong to the same content.',
    exitCode: ExitCode.Source,
  },
  SourceCaptivePortal: {
    message: '{url}: a web page came in place of the content: {detail}',
    remedy:
      'This network may want you to log in: open a web page in a browser. Else check the URL.',
    exitCode: ExitCode.Network,
  },
  SourceProxyFailed: {
    message: '{url}: the proxy {proxy} does not let it through: {detail}',
    remedy: 'Check the proxy settings (--proxy, http_proxy, https_proxy, no_proxy) and the proxy.',
    exitCode: ExitCode.Network,
  },
  SourceProxyUnauthorized: {
    message: '{url}: the proxy {proxy} wants credentials (407)',
    remedy: 'Give a user name and password for the proxy: in its URL, or with --proxy-user.',
    exitCode: ExitCode.Network,
    hresult: 0x80190197,
  },
  ProxyInvalid: {
    message: 'the proxy setting cannot be used: it {detail}',
    remedy: 'Give http://HOST:PORT, https://HOST:PORT, pac+http://HOST/proxy.pac or direct.',
    exitCode: ExitCode.Usage,
  },
  ProxyScriptFailed: {
    message: 'the proxy script gives no proxy: {detail}',
    remedy: 'Check the URL of the proxy script and what the script says.',
    exitCode: ExitCode.Network,
  },
  SourceClosed: {
    message: '{url}: closed',
    remedy: 'Nothing to do; the download has ended.',
    exitCode: ExitCode.Failed,
  },
} as const satisfies Record<string, ErrorEntry>;
