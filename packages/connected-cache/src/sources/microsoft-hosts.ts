/** Hosts of one kind of content. */
interface ContentHosts {
  content: string;
  hosts: readonly string[];
}

/**
 * The documented hosts of Microsoft's content (workflow.md §14), the narrow patterns first: the first
 * that matches names the kind of content. Services that give no files are not among them.
 */
export const microsoftHosts: readonly ContentHosts[] = [
  {
    content: 'DeviceUpdate',
    hosts: ['*.dl.adu.microsoft.com', 'dcsfe.prod.adu.microsoft.com'],
  },
  {
    content: 'WindowsUpdate',
    hosts: [
      'download.windowsupdate.com',
      '*.download.windowsupdate.com',
      'ctldl.windowsupdate.com',
      '*.ctldl.windowsupdate.com',
      'dl.delivery.mp.microsoft.com',
      '*.dl.delivery.mp.microsoft.com',
    ],
  },
  { content: 'Edge', hosts: ['*.delivery.mp.microsoft.com'] },
  {
    content: 'Teams',
    hosts: [
      '*.statics.teams.cdn.office.net',
      'sf.teams.static.microsoft',
      'installer.teams.static.microsoft',
    ],
  },
  { content: 'Outlook', hosts: ['*.res.cdn.office.net'] },
  {
    content: 'Office',
    hosts: [
      'officecdn.microsoft.com',
      '*.officecdn.microsoft.com',
      'officecdn.microsoft.com.edgesuite.net',
      '*.officecdn.microsoft.com.edgesuite.net',
      '*.cdn.office.net',
      'fg.tscdn.m365.static.microsoft',
    ],
  },
  { content: 'Intune', hosts: ['*.manage.microsoft.com'] },
  {
    content: 'Xbox',
    hosts: ['assets1', 'assets2', 'dlassets', 'dlassets2', 'd1', 'd2']
      .concat(['xvcb1', 'xvcb2', 'xvcf1', 'xvcf2'])
      .map((name) => `${name}.xboxlive.com`),
  },
];

/** Entries for an allow-list: the documented ports only. */
export function microsoftEntries(): string[] {
  return microsoftHosts.flatMap(({ hosts }) => hosts.flatMap((h) => [`${h}:80`, `${h}:443`]));
}

/** Which kind of content a host has, "Other" when it is none of Microsoft's. @param host lower case */
export function contentOf(host: string): string {
  return (
    microsoftHosts.find(({ hosts }) => hosts.some((h) => matches(h, host)))?.content ?? 'Other'
  );
}

function matches(pattern: string, host: string): boolean {
  return pattern.startsWith('*') ? host.endsWith(pattern.slice(1)) : host === pattern;
}
