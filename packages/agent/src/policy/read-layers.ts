import { gatherHours, type PolicyLayer, parseRegistryPol } from '@sluice/protocol/policy';
import { readAdminConfig, readSdkConfig } from './do-config-files.ts';
import type { PolicyPlaces } from './policy-places.ts';
import { readBounded, readJsonObject } from './read-bounded.ts';
import { readStored } from './settings-file.ts';
import { readRegistry } from './windows-registry.ts';

type Provider = PolicyLayer['provider'];

/** What all places say, unchecked. Never rejects: what cannot be read is a layer with a fault. */
export async function readLayers(places: PolicyPlaces): Promise<PolicyLayer[]> {
  const { registryPols = [], registry, environment, configFile, doConfigFolder } = places;
  const layers = await Promise.all([
    ...registryPols.flatMap((path) => [readPol(path)]),
    registry ? readRegistry() : [],
    places.settingsFile === undefined ? [] : readStored(places.settingsFile),
    environment ? [environmentLayer(environment)] : [],
    configFile === undefined ? [] : readConfigFile(configFile),
    ...(doConfigFolder === undefined
      ? []
      : [
          orFault('ConfigFile', doConfigFolder, readAdminConfig(doConfigFolder)),
          orFault('ConfigFile', doConfigFolder, readSdkConfig(doConfigFolder)),
        ]),
  ]);
  return layers.flat();
}

async function readPol(path: string): Promise<PolicyLayer[]> {
  const read = async () => {
    const bytes = await readBounded(path);
    return { path, values: bytes ? parseRegistryPol(bytes, path) : {} };
  };
  return orFault('GroupPolicy', path, read());
}

async function readConfigFile(path: string): Promise<PolicyLayer[]> {
  const read = async () => {
    const { $schema: _, ...values } = (await readJsonObject(path)) ?? {};
    return { path, values: gatherHours(values) };
  };
  return orFault('ConfigFile', path, read());
}

/** `SLUICE_DODownloadMode`, `SLUICE_SluiceEvents` and so on; other variables of the kind are not settings. */
function environmentLayer(variables: NonNullable<PolicyPlaces['environment']>): PolicyLayer {
  const values = Object.entries(variables)
    .filter(([name]) => /^SLUICE_(DO|Sluice)/i.test(name))
    .map(([name, value]) => [name.slice('SLUICE_'.length), value]);
  const all = gatherHours(Object.fromEntries(values));
  return { provider: 'Environment', origin: 'environment', values: all };
}

async function orFault(
  provider: Provider,
  origin: string,
  reading: Promise<{ path: string; values: Record<string, unknown> }>,
): Promise<PolicyLayer[]> {
  try {
    const { path, values } = await reading;
    return [{ provider, origin: path, values }];
  } catch (error) {
    return [{ provider, origin, values: {}, fault: (error as Error).message }];
  }
}
