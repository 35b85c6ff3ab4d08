import type { EnrolledDeviceView, EnrolmentView } from '@sluice/protocol';
import { allPages, asAdmin, type CloudFlags } from '../cloud-access/as-admin.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';

export interface EnrolmentFlags extends CloudFlags {
  tenant?: string;
  group?: string;
  uses?: number;
  expires?: number;
  url?: string;
}

export async function createEnrolment(flags: EnrolmentFlags): Promise<void> {
  const { tenant, group, uses, expires, url, json } = flags;
  const made = (await asAdmin(flags, 'POST', '/admin/enrolments', {
    ...(tenant !== undefined && { Tenant: tenant }),
    ...(group !== undefined && { GroupId: group }),
    ...(uses !== undefined && { Uses: uses }),
    ...(expires !== undefined && { ExpiresInSeconds: expires }),
    ...{ Url: url ?? flags.cloud },
  })) as EnrolmentView & { Token: string };
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

export async function listEnrolments(flags: CloudFlags): Promise<void> {
  const all = await allPages<EnrolmentView>(flags, '/admin/enrolments', 'Enrolments');
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

export async function revokeEnrolment(id: string, flags: CloudFlags): Promise<void> {
  await asAdmin(flags, 'DELETE', `/admin/enrolments/${encodeURIComponent(id)}`);
}

export async function listDevices(flags: CloudFlags): Promise<void> {
  const all = await allPages<EnrolledDeviceView>(flags, '/admin/devices', 'Devices');
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

export async function revokeDevice(id: string, flags: CloudFlags): Promise<void> {
  await asAdmin(flags, 'DELETE', `/admin/devices/${encodeURIComponent(id)}`);
}
