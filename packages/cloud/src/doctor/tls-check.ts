import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { TlsOptions } from '../tls/server-tls.ts';
import { fail, ok, type Verdict, warn } from './finding.ts';

const dayMs = 86_400_000;
const soonDays = 14;

/** @param now ms since 1970 */
export async function certificate(tls: TlsOptions | undefined, now: number): Promise<Verdict> {
  if (!tls) return ok('HTTP: none needed');
  if (tls.kind === 'own') return ok('of its own authority, which renews it');
  const leaf = new X509Certificate(await readFile(tls.certFile));
  const key = createPrivateKey(await readFile(tls.keyFile));
  if (!leaf.checkPrivateKey(key)) {
    return fail(
      `${tls.keyFile} is not the key of ${tls.certFile}`,
      'Name the two that belong together.',
    );
  }
  return expiry(leaf.validFromDate.getTime(), leaf.validToDate.getTime(), now);
}

/** Of a certificate that is valid between two times, ms since 1970. */
export function expiry(from: number, to: number, now: number): Verdict {
  const remedy = 'Have it renewed, and send the cloud SIGHUP.';
  if (now < from) return fail(`not valid before ${new Date(from).toISOString()}`, 'Set the clock.');
  if (now >= to) return fail(`expired at ${new Date(to).toISOString()}`, remedy);
  const days = Math.floor((to - now) / dayMs);
  return days < soonDays ? warn(`expires in ${days} days`, remedy) : ok(`valid for ${days} days`);
}
