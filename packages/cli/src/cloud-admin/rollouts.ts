import { type Rollout, type RolloutsDocument, sluiceError } from '@sluice/protocol';
import { type CloudFlags, withAdmin } from '../cloud-access/as-admin.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';
import { listIn } from './list-in.ts';

/** `sluice cloud rollouts show`: what `set` takes. */
export async function showRollouts(flags: CloudFlags): Promise<void> {
  const view = await withAdmin(flags, (ask) => ask('GET', '/admin/rollouts'));
  if (flags.json) printJson(view);
  else print(JSON.stringify(view, undefined, 2));
}

/** `sluice cloud rollouts set`. @throws InvalidArgument, FileUnreadable, as `askAdmin` */
export async function setRollouts(file: string, flags: CloudFlags): Promise<void> {
  const Rollouts = await listIn(file, 'Rollouts');
  const view = await withAdmin(flags, (ask) => ask('PUT', '/admin/rollouts', { Rollouts }));
  if (flags.json) printJson(view);
}

/** `sluice cloud rollouts pause`: those that it reaches keep it, it reaches no more. @throws as `change` */
export function pauseRollout(name: string, flags: CloudFlags): Promise<void> {
  // The cloud writes the time of its own clock, or leaves the one that was there.
  const PausedAt = new Date().toISOString();
  return change(name, flags, (rollout) => ({ ...rollout, PausedAt }));
}

/** `sluice cloud rollouts resume`: the stages whose time has come meanwhile count at once. @throws as `change` */
export function resumeRollout(name: string, flags: CloudFlags): Promise<void> {
  return change(name, flags, ({ PausedAt: _, ...rollout }) => rollout);
}

/** @throws InvalidArgument, as `askAdmin` */
function change(name: string, flags: CloudFlags, how: (rollout: Rollout) => Rollout) {
  return withAdmin(flags, async (ask) => {
    const { Rollouts } = (await ask('GET', '/admin/rollouts')) as RolloutsDocument;
    if (!Rollouts.some(({ Name }) => Name === name)) {
      throw sluiceError('InvalidArgument', { name, detail: 'there is no such rollout' });
    }
    const changed = Rollouts.map((rollout) => (rollout.Name === name ? how(rollout) : rollout));
    const view = await ask('PUT', '/admin/rollouts', { Rollouts: changed });
    if (flags.json) printJson(view);
  });
}

interface Effective {
  Settings: { Name: string; Value: string | number; Kind: string; Rollout: string | null }[];
  Rollouts: { Name: string; Bucket: number; Percent: number; IsIn: boolean; Variant: string }[];
}

/** `sluice cloud rollouts effective`. */
export async function effective(device: string, flags: CloudFlags): Promise<void> {
  const path = `/admin/settings/effective?device=${encodeURIComponent(device)}`;
  const view = (await withAdmin(flags, (ask) => ask('GET', path))) as Effective;
  if (flags.json) {
    printJson(view);
    return;
  }
  const settings = view.Settings.map(({ Name, Value, Kind, Rollout }) => [
    ...[Name, `${Value}`, Kind, Rollout ?? 'for all'],
  ]);
  if (settings.length > 0) print(formatTable(settings));
  else print('the cloud sets nothing');
  for (const { Name, Bucket, Percent, IsIn, Variant } of view.Rollouts) {
    const isIn = IsIn ? `in, variant ${Variant}` : 'not in';
    print(`rollout ${Name}: ${isIn} (ring ${Bucket} of 100, now below ${Percent})`);
  }
}
