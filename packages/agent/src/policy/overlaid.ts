import type { PolicySettings } from '@sluice/protocol/policy';
import type { LiveSettings } from './live-settings.ts';

/** The settings as one download sees them. */
export type DownloadSettings = Pick<LiveSettings, 'current' | 'watch' | 'binds' | 'setBy'>;

/** Settings of which some are others for a single download. The same as long as nothing changes. */
export function overlaid(live: DownloadSettings, own: Partial<PolicySettings>): DownloadSettings {
  let [below, all] = [live.current, { ...live.current, ...own }];
  return {
    get current() {
      if (live.current !== below) [below, all] = [live.current, { ...live.current, ...own }];
      return all;
    },
    watch: (fn) => live.watch(fn),
    binds: (name) => !(name in own) && live.binds(name),
    setBy: (name) => (name in own ? 'the request' : live.setBy(name)),
  };
}
