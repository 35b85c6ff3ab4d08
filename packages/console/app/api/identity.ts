import type { EnrolledDeviceView, EnrolmentView } from '@sluice/protocol';
import { askJson, withQuery } from './client.ts';

export function enrolmentsPage(
  after: string | undefined,
): Promise<{ Enrolments: EnrolmentView[]; Next: string | null }> {
  return askJson(withQuery('/admin/enrolments', { limit: 500, after }));
}

/** @returns with the token, which is told once only */
export function createEnrolment(terms: {
  Tenant?: string;
  GroupId?: string;
  Uses: number;
  ExpiresInSeconds: number;
  /** Under which devices reach the cloud. */
  Url: string;
}): Promise<EnrolmentView & { Token: string }> {
  return askJson('/admin/enrolments', { method: 'POST', body: terms });
}

export function revokeEnrolment(id: string): Promise<void> {
  return askJson(`/admin/enrolments/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

export function enrolledPage(
  after: string | undefined,
): Promise<{ Devices: EnrolledDeviceView[]; Next: string | null }> {
  return askJson(withQuery('/admin/devices', { limit: 100, after }));
}

export function revokeDevice(id: string): Promise<void> {
  return askJson(`/admin/devices/${encodeURIComponent(id)}`, { method: 'DELETE' });
}
