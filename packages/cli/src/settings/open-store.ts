import path from 'node:path';
import type { SettingsChange } from '@sluice/agent/policy';
import { type SettingsView, settingsView } from '@sluice/protocol/policy';
import { pino } from 'pino';
import { defaultDataDir } from '../paths/data-dir.ts';

export interface StoreOptions {
  dataDir?: string;
  json?: boolean;
}

/** The settings of this device, wherever they are to be had. */
export interface SettingsStore extends AsyncDisposable {
  view(): Promise<SettingsView>;
  /** @throws NotOwner, InvalidArgument, Disk errors, ServiceRefused. */
  change(change: SettingsChange): Promise<SettingsView>;
}

/** Those of the running agent when there is one, else of its data directory, without what a cloud would say. */
export async function openStore(options: StoreOptions): Promise<SettingsStore> {
  const dataDir = path.resolve(options.dataDir ?? defaultDataDir('agent'));
  const { connectLocalApi } = await import('@sluice/agent/local-api');
  const client = await connectLocalApi(dataDir);
  if (client) {
    return {
      view: () => client.settings(),
      change: (change) => client.changeSettings(change),
      [Symbol.asyncDispose]: () => client.close(),
    };
  }
  const { LiveSettings, settingsFileOf, systemClock, systemPolicyPlaces } = await import(
    '@sluice/agent/policy'
  );
  const live = await LiveSettings.open({
    places: { ...systemPolicyPlaces(), settingsFile: settingsFileOf(dataDir) },
    commandLine: {},
    clock: systemClock,
    logger: pino({ level: 'silent' }),
  });
  const view = async () => settingsView(live.resolved);
  return {
    view,
    async change(change) {
      await live.change(change);
      return view();
    },
    [Symbol.asyncDispose]: async () => {},
  };
}
