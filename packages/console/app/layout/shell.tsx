import {
  ActionIcon,
  Badge,
  Burger,
  Button,
  useComputedColorScheme,
  useMantineColorScheme,
} from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { useHealth } from '../api/health.ts';
import { hrefOf, useRoute } from '../routing/route.ts';
import type { Session } from '../session/session.ts';
import { signOut } from '../session/sign-in.ts';
import { homeOf, type MenuPage, menuFor } from './pages-of-console.ts';

/** What surrounds each page: the menu, who is signed in, light or dark. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const { path } = useRoute();
  const address = path.join('/');
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  const { data: health } = useHealth();
  // biome-ignore lint/correctness/useExhaustiveDependencies: on each change of the address.
  useEffect(() => {
    setOpen(false);
    // Who goes by keyboard or hears the page goes on where the new page begins.
    if (first.current) first.current = false;
    else main.current?.focus({ preventScroll: true });
  }, [address]);
  return (
    <div className="shell">
      <button type="button" className="skip-link" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <header className="top-bar">
        <Burger
          className="menu-button"
          opened={open}
          onClick={() => setOpen(!open)}
          aria-label="Menu"
          aria-expanded={open}
          aria-controls="menu"
          size="sm"
        />
        <a href={hrefOf()} className="brand">
          Sluice
        </a>
        <span className="top-space" />
        <span className="who">
          {session.user} <span className="role">{session.role}</span>
        </span>
        <SchemeButton />
        <Button variant="default" size="xs" onClick={() => signOut(session)}>
          Sign out
        </Button>
      </header>
      <nav id="menu" className={open ? 'menu is-open' : 'menu'} aria-label="Pages">
        {menuFor(session).map(({ group, pages }) => (
          <MenuGroup
            key={group}
            group={group}
            pages={pages}
            at={path[0] ?? homeOf(session)}
            alarms={health?.Alarms ?? 0}
          />
        ))}
      </nav>
      <main ref={main} tabIndex={-1} className="page">
        {children}
      </main>
    </div>
  );
}

function MenuGroup({
  group,
  pages,
  at,
  alarms,
}: {
  group: string;
  pages: MenuPage[];
  at: string;
  /** How many nobody has looked at. */
  alarms: number;
}) {
  return (
    <>
      <p className="menu-group">{group}</p>
      <ul>
        {pages.map((page) => (
          <li key={page.path}>
            <a
              href={page.path === '' ? hrefOf() : hrefOf(page.path)}
              aria-current={page.path === at ? 'page' : undefined}
            >
              {page.name}
              {page.path === 'alarms' && alarms > 0 && (
                <>
                  {' '}
                  <Badge color="red" size="sm">
                    {alarms}
                  </Badge>
                </>
              )}
            </a>
          </li>
        ))}
      </ul>
    </>
  );
}

function SchemeButton() {
  const { setColorScheme } = useMantineColorScheme();
  const dark = useComputedColorScheme('light') === 'dark';
  const name = dark ? 'Use light colours' : 'Use dark colours';
  return (
    <ActionIcon
      variant="default"
      size={30}
      aria-label={name}
      title={name}
      onClick={() => setColorScheme(dark ? 'light' : 'dark')}
    >
      {dark ? '☀' : '☾'}
    </ActionIcon>
  );
}
