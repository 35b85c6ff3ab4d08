import { listenForStop } from '../process/stop-signal.ts';
import { findAdminToken } from '../publish/admin-token.ts';
import { askAdmin } from '../publish/post-content.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';

export interface AdminFlags {
  cloud: string;
  tokenFile?: string;
  json?: boolean;
}

export interface EnrolmentFlags extends AdminFlags {
  tenant?: string;
  group?: string;
  uses?: number;
  expires?: number;
  url?: string;
}

/** As the cloud tells them. */
interface Enrolment {
  Id: string;
  Tenant: string;
  GroupId: string | null;
  UsesLeft: number;
  ExpiresAt: string;
  State: string;
}
interface Device {
  DeviceId: string;
  Tenant: string;
  GroupId: string | null;
  EnrolledAt: string;
  LastSeenAt: string;
  RevokedAt: string | null;
}

export async function createEnrolment(flags: EnrolmentFlags): Promise<void> {
  const { tenant, group, uses, expires, url, json } = flags;
  const made = (await ask(flags, 'POST', '/admin/enrolments', {
    ...(tenant !== undefined && { Tenant: tenant }),
    ...(group !== undefined && { GroupId: group }),
    ...(uses !== undefined && { Uses: uses }),
    ...(expires !== undefined && { ExpiresInSeconds: expires }),
    ...{ Url: url ?? flags.cloud },
  })) as Enrolment & { Token: string };
  if (json) {
    printJson(made);
    return;
  }
  print(made.Token);
  // Beside the result, which a script passes on.
  process.stderr.write(
    `On each device, ${made.UsesLeft} at most, until ${made.ExpiresAt}:\n  sluice enrol TOKEN\n`,
  );
}

export async function listEnrolments(flags: AdminFlags): Promise<void> {
  const all = await askAll<Enrolment>(flags, '/admin/enrolments', 'Enrolments');
  if (flags.json) printJson(all);
  else if (all.length === 0) print('no enrolment tokens');
  else {
    const head = ['Id', 'Tenant', 'Group', 'Uses left', 'Expires', 'State'];
    const rows = all.map((e) => [
      ...[e.Id, e.Tenant, e.GroupId ?? '-', String(e.UsesLeft), e.ExpiresAt, e.State],
    ]);
    print(formatTable([head, ...rows]));
  }
}

export async function revokeEnrolment(id: string, flags: AdminFlags): Promise<void> {
  await ask(flags, 'DELETE', `/admin/enrolments/${encodeURIComponent(id)}`);
}

export async function listDevices(flags: AdminFlags): Promise<void> {
  const all = await askAll<Device>(flags, '/admin/devices', 'Devices');
  if (flags.json) printJson(all);
  else if (all.length === 0) print('no devices');
  else {
    const head = ['Device', 'Tenant', 'Group', 'Enrolled', 'Last seen', 'Revoked'];
    const rows = all.map((d) => [
      ...[d.DeviceId, d.Tenant, d.GroupId ?? '-', d.EnrolledAt, d.LastSeenAt, d.RevokedAt ?? '-'],
    ]);
    print(formatTable([head, ...rows]));
  }
}

export async function revokeDevice(id: string, flags: AdminFlags): Promise<void> {
  await ask(flags, 'DELETE', `/admin/devices/${encodeURIComponent(id)}`);
}

async function ask(
  { cloud, tokenFile }: AdminFlags,
  method: Parameters<typeof askAdmin>[2]['method'],
  path: string,
  body?: object,
): Promise<unknown> {
  const token = await findAdminToken(cloud, tokenFile);
  using stop = listenForStop();
  return await askAdmin(cloud, token, { method, path, ...(body && { body }) }, stop.signal);
}

/** All pages of a list. */
async function askAll<T>(flags: AdminFlags, path: string, name: string): Promise<T[]> {
  const all: T[] = [];
  let after = '';
  for (;;) {
    const page = (await ask(flags, 'GET', `${path}?limit=500${after}`)) as Record<string, unknown>;
    all.push(...(page[name] as T[]));
    if (typeof page.Next !== 'string') return all;
    after = `&after=${encodeURIComponent(page.Next)}`;
  }
}
