import { runCommand } from '../host/run-command.ts';
import { readBounded } from '../policy/read-bounded.ts';
import type { GroupFacts } from './group-facts.ts';

const netlogon = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Netlogon\\Parameters';
const joinInfo = 'HKLM\\SYSTEM\\CurrentControlSet\\Control\\CloudDomainJoin\\JoinInfo';
const tcpip = 'HKLM\\SYSTEM\\CurrentControlSet\\Services\\Tcpip\\Parameters';
/** The domain's part of the account SID of this computer. */
const sidScript =
  "([Security.Principal.NTAccount]($env:USERDOMAIN+'\\'+$env:COMPUTERNAME+'$')).Translate(" +
  '[Security.Principal.SecurityIdentifier]).AccountDomainSid.Value';

/** What Windows tells of site, domain and tenant; of other systems the DNS suffix only. */
export class SystemGroupFacts implements GroupFacts {
  readonly #platform: NodeJS.Platform;
  readonly #run: typeof runCommand;
  readonly #resolvConf: string;

  constructor(
    platform: NodeJS.Platform = process.platform,
    run = runCommand,
    resolvConf = '/etc/resolv.conf',
  ) {
    this.#platform = platform;
    this.#run = run;
    this.#resolvConf = resolvConf;
  }

  adSite(): Promise<string | undefined> {
    return this.#ofRegistry(
      [netlogon, '/v', 'DynamicSiteName'],
      /DynamicSiteName\s+REG_SZ\s+(\S+)/,
    );
  }

  async domainSid(): Promise<string | undefined> {
    if (this.#platform !== 'win32') return undefined;
    const text = await this.#output('powershell', ['-NoProfile', '-Command', sidScript]);
    return /^\s*(S-1-5-21-[\d-]{1,60})\s*$/.exec(text)?.[1];
  }

  async dnsSuffix(): Promise<string | undefined> {
    if (this.#platform === 'win32') {
      return this.#ofRegistry([tcpip, '/v', 'DhcpDomain'], /DhcpDomain\s+REG_SZ\s+(\S+)/);
    }
    const text = (await readBounded(this.#resolvConf).catch(() => undefined))?.toString('utf8');
    const found = /^(?:search|domain)\s+([\w.-]{1,253})/m.exec(text ?? '')?.[1];
    return found === '.' ? undefined : found;
  }

  tenant(): Promise<string | undefined> {
    return this.#ofRegistry(
      [joinInfo, '/s', '/v', 'TenantId'],
      /TenantId\s+REG_SZ\s+([0-9a-f-]{36})/i,
    );
  }

  async #ofRegistry(query: string[], wanted: RegExp): Promise<string | undefined> {
    if (this.#platform !== 'win32') return undefined;
    return wanted.exec(await this.#output('reg', ['query', ...query]))?.[1];
  }

  /** Nothing when it fails: the device is in no such thing. */
  #output(command: string, args: string[]): Promise<string> {
    return this.#run(command, args).catch(() => '');
  }
}
