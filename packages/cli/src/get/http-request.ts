import { readFile } from 'node:fs/promises';
import { type DownloadRequest, sluiceError } from '@sluice/protocol';
import type { HttpFlags } from '../options/http.ts';

type HttpRequest = Pick<
  DownloadRequest,
  'Mirrors' | 'Headers' | 'ClientCert' | 'Ca' | 'Proxy' | 'ProxyUser'
>;

/**
 * What the flags about HTTP ask of the agent. Files are read here: the agent may be another user.
 * @throws InvalidArgument for flags that contradict each other, or a file that cannot be read.
 */
export async function httpRequest(flags: HttpFlags): Promise<HttpRequest> {
  const { mirror, header, user, cert, key, ca, proxy, proxyUser } = flags;
  if (key !== undefined && cert === undefined) {
    throw sluiceError('InvalidArgument', { name: '--key', detail: 'it needs --cert, too' });
  }
  const basic = user && { Authorization: `Basic ${Buffer.from(user).toString('base64')}` };
  return {
    ...(mirror && { Mirrors: mirror }),
    ...((header || basic) && { Headers: { ...basic, ...header } }),
    ...(cert !== undefined && {
      ClientCert: { Cert: await pem('--cert', cert), Key: await pem('--key', key ?? cert) },
    }),
    ...(ca !== undefined && { Ca: await pem('--ca', ca) }),
    ...(proxy !== undefined && { Proxy: proxy }),
    ...(proxyUser !== undefined && { ProxyUser: proxyUser }),
  };
}

async function pem(flag: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const params = { name: flag, detail: `${file} cannot be read (${code})` };
    throw sluiceError('InvalidArgument', params, { cause: error });
  }
}
