import path from 'node:path';
import tls from 'node:tls';
import { statIfThere } from '../files/existing-file.ts';
import { readBounded } from '../files/read-bounded.ts';
import { defaultDataDir } from '../paths/data-dir.ts';

const maxBytes = 16_384;

/**
 * Has this process believe the authority that the cloud of this machine has made (`sluice cloud --tls own`), beside
 * those that Node.js knows. For clouds elsewhere there is NODE_EXTRA_CA_CERTS.
 */
export async function trustOwnCloud(cloudUrl: string): Promise<void> {
  const { protocol, hostname } = new URL(cloudUrl);
  if (protocol !== 'https:' || !/^(?:localhost|127\.[\d.]+|\[::1\])$/.test(hostname)) return;
  const file = path.join(defaultDataDir('cloud'), 'tls', 'ca.pem');
  if (!(await statIfThere(file))) return;
  const own = Buffer.from(await readBounded(file, maxBytes)).toString('utf8');
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), own]);
}
