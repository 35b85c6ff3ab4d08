import { access, constants } from 'node:fs/promises';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { downloadRefusals, type HostFacts, uploadRefusals } from '@sluice/engine';
import { type DoctorCheck, toSluiceError } from '@sluice/protocol';
import { check, type Verdict } from './check.ts';
import type { Patient } from './patient.ts';
import { askFirstByte, tryTcp } from './probes.ts';

const gb = 1024 ** 3;

/** The HealthCheck items of the DO Troubleshooter, as far as there is such a thing here (admin.md §10). */
export function healthChecks(patient: Patient): Promise<DoctorCheck[]> {
  const facts = () => patient.host.facts();
  const run = (name: string, work: () => Verdict | Promise<Verdict>) =>
    check('HealthCheck', name, work);
  return Promise.all([
    run('Download mode', () => mode(patient)),
    run('Service', () => pass(`the agent runs, process ${process.pid}`)),
    run('Cache folder', () => mayWrite(patient.folder)),
    run('State', () => mayWrite(join(patient.dataDir, 'jobs'), patient.dataDir)),
    run('Settings', () => settings(patient)),
    run('VPN', async () => vpn(patient, await facts())),
    run('RAM', async () => gated('DOMinRAMAllowedToPeer', patient, await facts())),
    run('Disk', async () => disk(patient, await facts())),
    run('Power', async () =>
      gated('DOMinBatteryPercentageAllowedToUpload', patient, await facts()),
    ),
    run('Network', network),
    run('Peer port', () => port(patient)),
    run('Internet', () => cloud(patient)),
    run('HTTP byte range', () => byteRange(patient)),
  ]);
}

function mode({ cloudUrl, findsLocally }: Patient): Verdict {
  if (cloudUrl) return pass('Lan (1) unless a download asks for another');
  const remedy = 'Name a cloud (--cloud), so that peers can be found.';
  if (findsLocally) {
    const detail = 'no cloud: peers on the local network only, for contents with a hash list';
    return { result: 'Warn', detail, remedy };
  }
  return { result: 'Fail', detail: 'Simple (99): nobody tells of peers', remedy };
}

async function mayWrite(folder: string, orElse = folder): Promise<Verdict> {
  const mode = constants.R_OK | constants.W_OK | constants.X_OK;
  // Made with the first of what lies in it.
  await access(folder, mode).catch(() => access(orElse, mode));
  return pass(folder);
}

/** What is set and cannot hold is not used: the next who set it has the word. */
function settings({ problems }: Patient): Verdict {
  if (problems.length === 0) return pass('all that are given hold');
  const [first, ...others] = problems.map(
    ({ name, value, reason, origin }) =>
      `${[name, value].filter((text) => text !== undefined).join('=')} (${origin}): ${reason}`,
  );
  const detail = others.length > 0 ? `${first}; and ${others.length} more` : first!;
  return {
    result: 'Warn',
    detail,
    remedy: 'See `sluice config show`, and set a value that is valid.',
  };
}

function vpn(patient: Patient, facts: HostFacts): Verdict {
  const verdict = gated('DOAllowVPNPeerCaching', patient, facts);
  return verdict.result === 'Fail' ? { ...verdict, result: 'Warn' } : verdict;
}

async function disk(patient: Patient, facts: HostFacts): Promise<Verdict> {
  const verdict = gated('DOMinDiskSizeAllowedToPeer', patient, facts);
  const { freeBytes } = await patient.space.read(patient.folder);
  return { ...verdict, detail: `${verdict.detail}; ${(freeBytes / gb).toFixed(1)} GB free` };
}

/** What a gate says, in either direction. */
function gated(rule: string, { settings, month }: Patient, host: HostFacts): Verdict {
  const question = { settings, host, mode: 'Lan' } as const;
  const sentThisMonth = month().UploadInternetBytes;
  const refusals = [
    ...downloadRefusals(question),
    ...uploadRefusals({ ...question, peerClass: 'Lan', sentThisMonth }),
  ];
  const found = refusals.find((r) => r.rule === rule);
  if (!found) return pass(describe(rule, host));
  const detail = `${rule}: ${found.actual}, must be ${found.limit}`;
  return { result: 'Fail', detail, remedy: found.remedy };
}

function describe(rule: string, { ramBytes, diskBytes, battery, adapters }: HostFacts): string {
  const size = (bytes: number | undefined) =>
    bytes === undefined ? 'not known' : `${(bytes / gb).toFixed(1)} GB`;
  if (rule === 'DOMinRAMAllowedToPeer') return size(ramBytes);
  if (rule === 'DOMinDiskSizeAllowedToPeer') return size(diskBytes);
  if (rule === 'DOAllowVPNPeerCaching') return `adapters: ${adapters.join('; ') || 'none'}`;
  if (!battery) return 'no battery, or the system does not tell';
  return `${battery.onMains ? 'mains power' : 'battery'}, ${battery.percent ?? 'unknown'} %`;
}

function network(): Verdict {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  const outer = all.filter((a) => !a.internal).map((a) => a.address);
  if (outer.length > 0) return pass(outer.join(', '));
  const remedy = 'Connect the device to a network.';
  return { result: 'Fail', detail: 'no address but loopback', remedy };
}

async function port({ peerPort, listenHost = '127.0.0.1' }: Patient): Promise<Verdict> {
  const number = peerPort();
  if (number === 0) return { result: 'Unset', detail: 'not open until peers are needed' };
  await tryTcp(listenHost, number);
  const remedy = `Let TCP port ${number} in through the firewalls of the site.`;
  if (number === 7680) return pass('TCP 7680 takes connections of this device');
  return { result: 'Warn', detail: `TCP ${number}, not 7680`, remedy };
}

async function cloud({ cloudUrl, askCloud }: Patient): Promise<Verdict> {
  if (!cloudUrl) return { result: 'Unset', detail: 'no cloud is named' };
  try {
    await askCloud(AbortSignal.timeout(5_000));
    return pass(`${cloudUrl} answers`);
  } catch (error) {
    const { message, remedy } = toSluiceError(error);
    return { result: 'Fail', detail: message, remedy };
  }
}

async function byteRange({ lastUrl }: Patient): Promise<Verdict> {
  const url = lastUrl();
  if (!url) return { result: 'Unset', detail: 'nothing was downloaded yet' };
  const status = await askFirstByte(url);
  if (status === 206) return pass(`${new URL(url).host} answers 206`);
  const remedy = 'Have the server, and proxies before it, answer requests for ranges.';
  return { result: 'Fail', detail: `${new URL(url).host} answers ${status}, not 206`, remedy };
}

function pass(detail: string): Verdict {
  return { result: 'Pass', detail };
}
