import { type DoctorCheck, toSluiceError } from '@sluice/protocol';
import { cacheUrl } from '../source/cache/cache-url.ts';
import { check, type Verdict } from './check.ts';
import type { Patient } from './patient.ts';
import { askFirstByte, tryTcp } from './probes.ts';

/** The -P2P item that the agent can answer: what share of this month's bytes came from peers. */
export async function peerChecks({ month }: Patient): Promise<DoctorCheck[]> {
  const efficiency = (): Verdict => {
    const m = month();
    const fromPeers =
      m.DownloadLanBytes +
      m.DownloadLinkLocalBytes +
      m.DownloadGroupBytes +
      m.DownloadInternetBytes;
    const all = m.DownloadHttpBytes + fromPeers;
    if (all === 0) return { result: 'Unset', detail: 'nothing was downloaded this month' };
    const detail = `${shareOf(fromPeers, all)} % of this month’s bytes came from peers`;
    if (fromPeers > 0) return { result: 'Pass', detail };
    const remedy = 'Download one file on two devices; `sluice why` tells why no peer was used.';
    return { result: 'Warn', detail, remedy };
  };
  return [await check('P2P', 'Efficiency', efficiency)];
}

/** The -MCC items: the share of cache hosts, which there are, and whether each serves. */
export async function cacheChecks(patient: Patient): Promise<DoctorCheck[]> {
  const m = patient.month();
  const peers = m.DownloadLanBytes + m.DownloadInternetBytes + m.DownloadGroupBytes;
  const all = m.DownloadHttpBytes + m.DownloadLinkLocalBytes + peers;
  const share = await check('MCC', 'Share', () => {
    if (all === 0) return { result: 'Unset', detail: 'nothing was downloaded this month' };
    const percent = shareOf(m.DownloadCacheHostBytes, all);
    return { result: 'Pass', detail: `${percent} % of this month’s bytes came from cache hosts` };
  });
  const known = await hostsOf(patient);
  if (known.hosts.length === 0) return [share, noHosts(known.fault)];
  const each = known.hosts.map((host) =>
    check('MCC', `Cache host ${host}`, () => serves(host, patient.lastUrl())),
  );
  return [share, ...(await Promise.all(each))];
}

async function hostsOf(patient: Patient): Promise<{ hosts: string[]; fault?: string }> {
  try {
    return { hosts: await patient.cacheHosts(AbortSignal.timeout(5_000)) };
  } catch (error) {
    return { hosts: [], fault: toSluiceError(error).message };
  }
}

function noHosts(fault: string | undefined): DoctorCheck {
  return {
    Group: 'MCC',
    Name: 'Cache hosts',
    Result: fault === undefined ? 'Unset' : 'Fail',
    Detail: fault ?? 'none is set, and the cloud names none',
    Remedy: 'Name one with --cache-host, or register it with the cloud.',
  };
}

/** Whether it serves what was last downloaded; without such a thing, whether it is there. */
async function serves(host: string, url: string | undefined): Promise<Verdict> {
  if (!url) {
    const { hostname, port } = new URL(`http://${host}`);
    await tryTcp(hostname.replace(/^\[|\]$/g, ''), Number(port || 80));
    return { result: 'Pass', detail: 'takes connections' };
  }
  const status = await askFirstByte(cacheUrl(host, url));
  if (status === 206 || status === 200) return { result: 'Pass', detail: `answers ${status}` };
  const remedy = 'See the log of the cache node; it fetches from the hosts on its list only.';
  return { result: 'Fail', detail: `answers ${status}`, remedy };
}

function shareOf(part: number, whole: number): string {
  return ((100 * part) / whole).toFixed(2);
}
