import { isAbsolute, join } from 'node:path';
import { sluiceError } from '@sluice/protocol';

const folderOfDrive = 'Sluice';

/**
 * Where the store is by DOModifyCacheDrive (policies.md §7): `%SYSTEMDRIVE%`, `D:`, `D:\DOCache`, `/var/cache`;
 * the data directory when it is not set. A bare drive gets a folder of ours.
 * @throws InvalidArgument for a variable that is not set, and for what is no absolute path.
 */
export function cacheFolder(
  setting: string,
  dataDir: string,
  env: Readonly<Record<string, string | undefined>> = process.env,
): string {
  if (setting === '') return dataDir;
  const text = setting.replace(/%([^%]+)%/g, (_, name: string) => {
    const value = env[name] ?? env[name.toUpperCase()];
    if (!value) throw invalid(setting, `the variable ${name} is not set`);
    return value;
  });
  if (/^[A-Za-z]:\\?$/.test(text)) return join(`${text.slice(0, 2)}\\`, folderOfDrive);
  if (!isAbsolute(text) && !/^[A-Za-z]:\\/.test(text)) throw invalid(setting, 'no absolute path');
  return text;
}

function invalid(setting: string, detail: string): Error {
  return sluiceError('InvalidArgument', {
    name: 'DOModifyCacheDrive',
    detail: `${detail}: ${setting}`,
  });
}
