import type { GateSettings } from './gate-settings.ts';

/** DO's default (policies.md §2), KB/s. */
const defaultKbps = 2_500;

/**
 * What peers together must bring to keep a background download off HTTP, bytes/s: what is set, else what
 * the publisher says of the content (BackgroundQosBps, wire.md §3.3), else the default.
 */
export function minBackgroundQos(settings: GateSettings, publishedBps: number | undefined): number {
  const { DOMinBackgroundQos: kbps } = settings;
  if (kbps !== undefined) return 1024 * kbps;
  return publishedBps || 1024 * defaultKbps;
}
