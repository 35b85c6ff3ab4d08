import { access, readFile } from 'node:fs/promises';
import type { EventOf } from '@sluice/protocol';

export type DeviceProfile = NonNullable<EventOf<'DeviceSnapshot'>['DeviceProfile']>;

const virtual =
  /kvm|qemu|vmware|virtualbox|virtual machine|bochs|xen|parallels|amazon ec2|google compute/i;

/** What kind of device it is; null: its system does not tell. Never rejects. */
export async function deviceProfile(root = '/'): Promise<DeviceProfile | null> {
  if (process.platform !== 'linux') return null;
  for (const mark of ['.dockerenv', 'run/.containerenv']) {
    if (await isThere(root + mark)) return 'Container';
  }
  const id = `${root}sys/class/dmi/id/`;
  const texts = await Promise.all([textOf(`${id}product_name`), textOf(`${id}sys_vendor`)]);
  const told = texts.join(' ').trim();
  if (told === '') return null;
  return virtual.test(told) ? 'VM' : 'Desktop';
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Not every system has it, and not everybody may read it. */
function textOf(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
