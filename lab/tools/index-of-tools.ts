import { UsageError } from '../options.ts';
import { aria2 } from './aria2.ts';
import { curl } from './curl.ts';
import { libtorrents } from './libtorrent.ts';
import { nginxCache } from './nginx-cache.ts';
import { type SluiceSettings, sluiceTool } from './sluice.ts';
import { squid } from './squid.ts';
import type { Tool } from './tool.ts';

/** Every tool that is no part of Sluice. */
export const otherTools: readonly Tool[] = [curl, aria2, ...libtorrents, nginxCache, squid];

/** The tools of a list of names with commas. @throws UsageError for a name that is none. */
export function toolsOf(list: string, settings: SluiceSettings): Tool[] {
  const all = [sluiceTool({ ...settings, cache: false }), ...otherTools];
  const tools = list.split(',').map((name) => {
    const tool = all.find((one) => one.name === name.trim());
    if (tool) return tool;
    throw new UsageError(`--tools: ${name} is none of ${all.map((one) => one.name).join(', ')}`);
  });
  return settings.cache ? [sluiceTool(settings), ...tools] : tools;
}
