import type { Role } from '../session/session.ts';

export interface MenuPage {
  path: string;
  name: string;
  /** The least role that sees it; none: all. */
  least?: Role;
  /** Only where the cloud has rollouts. */
  ifRollouts?: boolean;
}

/** What the menu shows, in groups. */
export const menu: { group: string; pages: MenuPage[] }[] = [
  {
    group: 'See',
    pages: [
      { path: '', name: 'Overview' },
      { path: 'live', name: 'Live' },
      { path: 'distribution', name: 'Distribution' },
      { path: 'efficiency', name: 'Efficiency' },
      { path: 'devices', name: 'Devices' },
    ],
  },
  {
    group: 'Deliver',
    pages: [
      { path: 'content', name: 'Content' },
      { path: 'publish', name: 'Publish', least: 'operator' },
      { path: 'cache-nodes', name: 'Cache nodes' },
      { path: 'policies', name: 'Policies' },
      { path: 'rollouts', name: 'Rollouts', ifRollouts: true },
    ],
  },
  {
    group: 'Access',
    pages: [
      { path: 'users', name: 'Users', least: 'owner' },
      { path: 'tokens', name: 'API tokens', least: 'owner' },
      { path: 'audit', name: 'Audit', least: 'owner' },
      { path: 'account', name: 'My account' },
    ],
  },
];
