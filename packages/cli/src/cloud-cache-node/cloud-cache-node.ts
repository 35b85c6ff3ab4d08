import type { CacheNodeView } from '@sluice/protocol';
import { asAdmin as askCloud, type CloudFlags } from '../cloud-access/as-admin.ts';
import { print, printJson } from '../terminal/print.ts';
import { formatTable } from '../terminal/table.ts';

export interface NodeFlagsOfCloud extends CloudFlags {
  cidr?: string[];
  maxEgressMbps?: number;
  drive?: { Path: string; SizeInGb: number }[] | undefined;
  enable?: boolean;
  disable?: boolean;
}

const root = '/admin/cache-nodes';

/** Asks the cloud about its cache nodes. @throws as `asAdmin` of `cloud-access` */
export const asAdmin: typeof askCloud = (flags, method, path, body) =>
  askCloud(flags, method, `${root}${path}`, body);

export async function createNode(name: string, flags: NodeFlagsOfCloud): Promise<void> {
  const made = await asAdmin(flags, 'POST', '', { Name: name, ...settingsOf(flags) });
  const { RegistrationKey, Drives } = made as CacheNodeView & { RegistrationKey: string };
  if (flags.json) {
    printJson(made);
    return;
  }
  print(RegistrationKey);
  const drive = Drives[0]
    ? ` --cache-dir ${Drives[0].Path} --cache-size ${Drives[0].SizeInGb}GB`
    : '';
  // Beside the result, which a script puts into the file.
  process.stderr.write(
    `Put this key, which works once, into a file on the node, and start it:\n` +
      `  sluice cache-node --cloud ${flags.cloud} --registration-key-file FILE${drive} --listen 0.0.0.0:80 --allow HOST\n`,
  );
}

export async function updateNode(name: string, flags: NodeFlagsOfCloud): Promise<void> {
  show([(await asAdmin(flags, 'PATCH', `/${name}`, settingsOf(flags))) as CacheNodeView], flags);
}

export async function listNodes(flags: CloudFlags): Promise<void> {
  const { CacheNodes } = (await asAdmin(flags, 'GET', '')) as { CacheNodes: CacheNodeView[] };
  if (CacheNodes.length === 0 && !flags.json) print('no cache nodes');
  else show(CacheNodes, flags);
}

export async function showNode(name: string, flags: CloudFlags): Promise<void> {
  const node = await asAdmin(flags, 'GET', `/${name}`);
  if (flags.json) printJson(node);
  else print(JSON.stringify(node, undefined, 2));
}

export async function renewKey(name: string, flags: CloudFlags): Promise<void> {
  const reply = await asAdmin(flags, 'POST', `/${name}/registration-key`, {});
  if (flags.json) printJson(reply);
  else print((reply as { RegistrationKey: string }).RegistrationKey);
}

export async function deleteNode(name: string, flags: CloudFlags): Promise<void> {
  await asAdmin(flags, 'DELETE', `/${name}`);
}

function settingsOf(flags: NodeFlagsOfCloud): object {
  const { cidr, maxEgressMbps, drive, enable, disable } = flags;
  return {
    ...(cidr && { Cidrs: cidr.flatMap((text) => text.split(',')) }),
    ...(maxEgressMbps !== undefined && { MaxAllowableEgressInMbps: maxEgressMbps }),
    ...(drive && { Drives: drive }),
    ...((enable || disable) && { IsEnabled: enable === true }),
  };
}

function show(nodes: CacheNodeView[], flags: CloudFlags): void {
  if (flags.json) {
    printJson(nodes);
    return;
  }
  const head = ['Name', 'State', 'Handed out', 'Host', 'Networks', 'Mbit/s', 'Last heartbeat'];
  const rows = nodes.map((n) => [
    n.Name,
    n.State,
    n.IsHandedOut ? 'yes' : 'no',
    n.PublicHost ?? '-',
    n.Cidrs.join(' ') || '-',
    n.Heartbeat ? `${n.Heartbeat.EgressMbps}` : '-',
    n.LastHeartbeat ?? '-',
  ]);
  print(formatTable([head, ...rows]));
}
