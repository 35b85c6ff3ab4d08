import type { Block, RulesDocument } from '@sluice/protocol';
import { type CloudFlags, withAdmin } from '../cloud-access/as-admin.ts';
import { print, printJson } from '../terminal/print.ts';
import { listIn } from './list-in.ts';

export interface BlockFlags extends CloudFlags {
  contentId?: string;
  urlPrefix?: string;
  hashOfHashes?: string;
  httpOnly?: boolean;
  reason: string;
}

/** `sluice cloud content-policy show`: what `set` takes, and the classes behind it. */
export async function showRules(flags: CloudFlags): Promise<void> {
  const view = await withAdmin(flags, (ask) => ask('GET', '/admin/content-policy'));
  if (flags.json) printJson(view);
  else print(JSON.stringify(view, undefined, 2));
}

/** `sluice cloud content-policy set`. @throws InvalidArgument, FileUnreadable, as `askAdmin` */
export async function setRules(file: string, flags: CloudFlags): Promise<void> {
  const Rules = await listIn(file, 'Rules');
  const view = await withAdmin(flags, (ask) => ask('PUT', '/admin/content-policy', { Rules }));
  if (flags.json) printJson(view);
}

/** `sluice cloud content-policy block`. */
export async function block(flags: BlockFlags): Promise<void> {
  const { contentId, urlPrefix, hashOfHashes, httpOnly, reason } = flags;
  const asked: Block = {
    ...(contentId !== undefined && { ContentId: contentId }),
    ...(urlPrefix !== undefined && { UrlPrefix: urlPrefix }),
    ...(hashOfHashes !== undefined && { HashOfHashes: hashOfHashes }),
    Then: httpOnly ? 'HttpOnly' : 'Fail',
    Reason: reason,
  };
  const reply = await withAdmin(flags, (ask) => ask('POST', '/admin/blocks', asked));
  if (flags.json) printJson(reply);
  else print((reply as { Id: string }).Id);
}

/** `sluice cloud content-policy unblock`. */
export async function unblock(id: string, flags: CloudFlags): Promise<void> {
  await withAdmin(flags, (ask) => ask('DELETE', `/admin/blocks/${encodeURIComponent(id)}`));
}

/** `sluice cloud content-policy blocks`. */
export async function listBlocks(flags: CloudFlags): Promise<void> {
  const reply = await withAdmin(flags, (ask) => ask('GET', '/admin/blocks'));
  const { Blocks } = reply as { Blocks: RulesDocument['Blocked'] };
  if (flags.json) {
    printJson(Blocks);
    return;
  }
  if (Blocks.length === 0) print('nothing is blocked');
  for (const { Id, Then, Reason, UrlPrefix, ContentId, HashOfHashes } of Blocks) {
    print(`${Id}  ${Then}  ${UrlPrefix ?? ContentId ?? HashOfHashes}  ${Reason}`);
  }
}
