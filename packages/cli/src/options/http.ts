import { InvalidArgumentError, Option } from 'commander';
import { pathValue, urlValue } from './values.ts';

/** The flags about how HTTP is spoken, checked one by one. */
export interface HttpFlags {
  mirror?: string[];
  header?: Record<string, string>;
  /** `name:password` */
  user?: string;
  cert?: string;
  key?: string;
  ca?: string;
  proxy?: string;
  /** `name:password` */
  proxyUser?: string;
}

export function httpOptions(): Option[] {
  return [
    new Option('--mirror <url>', 'another URL of the same file; may be repeated').argParser(
      mirrorValue,
    ),
    new Option('-H, --header <header>', 'sent along, "Name: value"; may be repeated').argParser(
      headerValue,
    ),
    new Option('-u, --user <name:password>', 'Basic credentials for the URL’s own host')
      .env('SLUICE_USER')
      .argParser(pairValue),
    new Option('--cert <file>', 'client certificate, PEM').argParser(pathValue),
    new Option('--key <file>', 'its key, PEM (default: in the file of --cert)').argParser(
      pathValue,
    ),
    new Option('--ca <file>', 'certificates to trust in place of the system’s, PEM').argParser(
      pathValue,
    ),
    ...proxyOptions(),
  ];
}

export function proxyOptions(): Option[] {
  return [
    new Option(
      '--proxy <proxy>',
      'http[s]://HOST:PORT, pac+http[s]://HOST/proxy.pac, or direct (default: http_proxy, https_proxy, no_proxy)',
    ).argParser(proxyValue),
    new Option('--proxy-user <name:password>', 'credentials for the proxy')
      .env('SLUICE_PROXY_USER')
      .argParser(pairValue),
  ];
}

function mirrorValue(text: string, previous: string[] | undefined): string[] {
  return [...(previous ?? []), urlValue(text)];
}

function headerValue(
  text: string,
  previous: Record<string, string> | undefined,
): Record<string, string> {
  const [, name, value] = /^([^:\s]+):\s*(.*?)\s*$/.exec(text) ?? [];
  // What stands there may be a secret: it is not shown.
  if (name === undefined || value === undefined) {
    throw new InvalidArgumentError('It must be "Name: value".');
  }
  return { ...previous, [name]: value };
}

function pairValue(text: string): string {
  if (!text.includes(':')) throw new InvalidArgumentError('It must be NAME:PASSWORD.');
  return text;
}

function proxyValue(text: string): string {
  if (text === 'direct') return text;
  const isScript = text.startsWith('pac+');
  const url = isScript ? text.slice('pac+'.length) : text.includes('://') ? text : `http://${text}`;
  urlValue(url);
  return isScript ? `pac+${url}` : url;
}
