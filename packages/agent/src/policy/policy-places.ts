import { join } from 'node:path';

/** Where policies are looked for; what is not given is not looked at. */
export interface PolicyPlaces {
  /** Registry.pol files, the first is the highest. */
  registryPols?: readonly string[] | undefined;
  /** The registry of Windows: Group Policy and MDM. */
  registry?: boolean | undefined;
  /** Variables `SLUICE_<Name>`. */
  environment?: Readonly<Record<string, string | undefined>> | undefined;
  /** Sluice's config file: settings by name in JSON. */
  configFile?: string | undefined;
  /** Folder of Microsoft's agent: `admin-config.json` and `sdk-config.json`. */
  doConfigFolder?: string | undefined;
  /** What `sluice config set` and `sluice policy import` keep; in the data directory if not given. */
  settingsFile?: string | undefined;
}

/** The places of this system. */
export function systemPolicyPlaces(): PolicyPlaces {
  const { env, platform } = process;
  if (platform === 'win32') {
    const folder = env.ProgramData ?? 'C:\\ProgramData';
    return { registry: true, environment: env, configFile: join(folder, 'Sluice', 'sluice.json') };
  }
  return {
    registryPols: ['/etc/sluice/Registry.pol'],
    environment: env,
    configFile: '/etc/sluice/sluice.json',
    doConfigFolder: '/etc/deliveryoptimization-agent',
  };
}

/** Where a data directory keeps what was set on it. */
export function settingsFileOf(dataDir: string): string {
  return join(dataDir, 'settings.json');
}
