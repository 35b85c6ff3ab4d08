import type { AlarmView, LoggedStatement } from '@sluice/protocol';
import { askJson, withQuery } from './client.ts';

export async function alarms(): Promise<AlarmView[]> {
  return (await askJson<{ Alarms: AlarmView[] }>('/admin/alarms')).Alarms;
}

/** Somebody has looked at it. */
export function settleAlarm(id: string): Promise<void> {
  return askJson(`/admin/alarms/${encodeURIComponent(id)}`, { method: 'DELETE' });
}

/** The newest first. */
export function hashLogPage(
  after: string | undefined,
): Promise<{ Entries: LoggedStatement[]; Next: number | null }> {
  return askJson(withQuery('/admin/hash-log', { order: 'newest', limit: 100, after }));
}
