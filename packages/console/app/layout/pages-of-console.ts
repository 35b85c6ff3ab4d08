import { hasRole, type Role, type Session } from '../session/session.ts';

export interface MenuPage {
  path: string;
  name: string;
  /** The least role that sees it; none: all. */
  least?: Role;
  /** Who administers a tenant only sees it, too. */
  ofTenants?: boolean;
}

/** What the menu shows, in groups. */
const menu: { group: string; pages: MenuPage[] }[] = [
  {
    group: 'See',
    pages: [
      { path: '', name: 'Overview' },
      { path: 'live', name: 'Live' },
      { path: 'distribution', name: 'Distribution' },
      { path: 'efficiency', name: 'Efficiency' },
      { path: 'devices', name: 'Devices' },
      { path: 'alarms', name: 'Alarms' },
    ],
  },
  {
    group: 'Deliver',
    pages: [
      { path: 'content', name: 'Content' },
      { path: 'publish', name: 'Publish', least: 'operator' },
      { path: 'ingest', name: 'Ingestion' },
      { path: 'rules', name: 'Content rules' },
      { path: 'cache-nodes', name: 'Cache nodes' },
      { path: 'policies', name: 'Policies' },
      { path: 'rollouts', name: 'Rollouts' },
    ],
  },
  {
    group: 'Access',
    pages: [
      { path: 'enrolment', name: 'Enrolment', ofTenants: true },
      { path: 'users', name: 'Users', least: 'owner', ofTenants: true },
      { path: 'tokens', name: 'API tokens', least: 'owner', ofTenants: true },
      { path: 'audit', name: 'Audit', least: 'owner', ofTenants: true },
      { path: 'account', name: 'My account', ofTenants: true },
    ],
  },
];

/** The menu of who is signed in. */
export function menuFor({ role, isOfTenant }: Session): typeof menu {
  return menu
    .map(({ group, pages }) => ({
      group,
      pages: pages.filter(
        ({ least = 'viewer', ofTenants = false }) =>
          hasRole(role, least) && (ofTenants || !isOfTenant),
      ),
    }))
    .filter(({ pages }) => pages.length > 0);
}

/** The page that comes first: reports are of all tenants together. */
export function homeOf({ isOfTenant }: Session): string {
  return isOfTenant ? 'enrolment' : '';
}
